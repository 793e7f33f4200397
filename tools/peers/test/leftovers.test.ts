import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requirePeer, startLibvirt } from '../src/index.js';
import { isAlive, identityOf, type ProcessIdentity } from '../src/process-identity.js';
import { compiledSources } from './compiled-sources.js';
import { startIdleMachine } from './idle-machine.js';

const probe = await requirePeer(() => startLibvirt());
await probe?.stop();

/** What a peer could leave in the system that others see. */
function traces(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const links = readdirSync('/sys/class/net').map((name) => `link ${name}`);
  const files = readdirSync('/tmp').filter((name) => /libvirt|peer|qemu/.test(name));
  return [...mounts, ...links, ...files];
}

function expectNothingNew(before: readonly string[]): void {
  expect(traces().filter((trace) => !before.includes(trace))).toEqual([]);
}

interface Report {
  readonly directory: string;
  /** The first one is the first process of the peer's namespaces. */
  readonly processes: readonly ProcessIdentity[];
}

/** A process of its own that starts a peer with a machine, reports on it, and then waits to be killed. */
async function startOwner(): Promise<{ owner: ChildProcess; report: Report }> {
  const script = `
    const { startLibvirt } = await import(process.argv[1]);
    const { identityOf } = await import(new URL('process-identity.js', 'file://' + process.argv[1]));
    const peer = await startLibvirt();
    await peer.virsh(['create', process.argv[2]]);
    const processes = peer.processes().map(({ pid }) => identityOf(pid));
    console.log(JSON.stringify({ directory: peer.directory, processes }));
    setInterval(() => {}, 1 << 30);
  `;
  const machine = fileURLToPath(new URL('idle-machine.xml', import.meta.url));
  const args = ['--input-type=module', '--eval', script, await compiledSources(), machine];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, report: JSON.parse(line.toString()) as Report };
}

async function kill(owner: ChildProcess): Promise<void> {
  const exited = once(owner, 'exit');
  owner.kill('SIGKILL');
  await exited;
}

/** Resolves when all processes of the peer have ended; of processes that are not ours nobody is told that. */
async function end({ processes }: Report): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (processes.some(isAlive)) {
    if (Date.now() > deadline) throw new Error(`Still there: ${JSON.stringify(processes.filter(isAlive))}`);
    await setTimeout(20);
  }
}

(probe ? describe : describe.skip)('a libvirt peer leaves nothing behind', () => {
  it('when it is stopped with a machine running, twice', async () => {
    const before = traces();
    const peer = await startLibvirt();
    await startIdleMachine(peer);
    const processes = peer.processes().map(({ pid }) => identityOf(pid)!);
    expect(peer.processes().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['bash', 'virtlogd', 'libvirtd', 'qemu-system-x86']),
    );
    await peer.stop();
    await peer.stop();
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(peer.directory)).toBe(false);
    expectNothingNew(before);
  });

  it('when its owner is killed', async () => {
    const before = traces();
    const { owner, report } = await startOwner();
    expect(report.processes.filter(isAlive).length).toBeGreaterThanOrEqual(4);
    await kill(owner);
    await end(report);
    expect(existsSync(report.directory)).toBe(false);
    expectNothingNew(before);
  });

  it('when its owner is killed and its host is stuck: the next start clears up', async () => {
    const { owner, report } = await startOwner();
    const [first] = report.processes;
    process.kill(first!.pid, 'SIGSTOP');
    await kill(owner);
    // Any start in any process clears up, so another test file may have been faster.
    const next = await startLibvirt();
    await next.stop();
    await end(report);
    expect(existsSync(report.directory)).toBe(false);
  });
});
