import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from '../src/process-identity.js';
import { compiledSources } from './compiled-sources.js';
import type { Surroundings } from './surroundings.js';

/** A process of its own that has started a peer with a running machine. */
export interface PeerOwner {
  readonly directory: string;
  /** The peer's, the first process of its namespaces first. */
  readonly processes: readonly ProcessIdentity[];
  readonly names: readonly string[];
  /** Lets it stop its peer, twice, and end. */
  stop(): Promise<void>;
  /** Kills it without warning. */
  kill(): Promise<void>;
}

const script = `
  const [, sources, machine] = process.argv;
  const { startLibvirt } = await import(sources);
  const { identityOf } = await import(sources.replace('index.js', 'process-identity.js'));
  const peer = await startLibvirt();
  await peer.virsh(['create', machine]);
  const processes = peer.processes();
  console.log(JSON.stringify({
    directory: peer.directory,
    processes: processes.map(({ pid }) => identityOf(pid)),
    names: processes.map(({ name }) => name),
  }));
  process.stdin.once('data', async () => {
    await peer.stop();
    await peer.stop();
    process.exit();
  });
`;

export async function peerOwner(place: Surroundings): Promise<PeerOwner> {
  const machine = fileURLToPath(new URL('idle-machine.xml', import.meta.url));
  const args = ['--input-type=module', '--eval', script, await compiledSources(), machine];
  const [file, ...rest] = place.inside(process.execPath, args);
  const owner = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: place.env });
  const exited = once(owner, 'exit');
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  const report = JSON.parse(line) as Pick<PeerOwner, 'directory' | 'processes' | 'names'>;
  return {
    ...report,
    async stop() {
      owner.stdin.write('stop\n');
      await exited;
    },
    async kill() {
      owner.kill('SIGKILL');
      await exited;
    },
  };
}
