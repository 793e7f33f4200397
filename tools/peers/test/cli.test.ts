import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { requirePeer, startLibvirt } from '../src/index.js';
import { itWith } from '../src/jest.js';
import { compiledSources } from './compiled-sources.js';

const probe = await requirePeer(() => startLibvirt());
await probe?.stop();
const cli = (await compiledSources()).replace(/index\.js$/, 'cli.js');

interface Run {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly exit: Promise<number | null>;
}

function run(...args: string[]): Run {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'ignore'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, lines, exit: once(child, 'exit').then(([code]: (number | null)[]) => code ?? null) };
}

describe('the peers command', () => {
  it('explains itself, and refuses what it does not know with 2', async () => {
    const help = run('--help');
    expect((await help.lines.next()).value).toContain('throw-away peer');
    expect(await help.exit).toBe(0);
    for (const args of [
      [],
      ['libvirt'],
      ['xen', '--keep'],
      ['libvirt', '--build'],
      ['vcsim', '--build', '--keep'],
      ['lab', '--keep'],
      ['libvirt', '--kep'],
      ['libvirt', '--keep', '--', 'true'],
    ]) {
      expect(await run(...args).exit).toBe(2);
    }
  });

  itWith('runs a command against a peer, passes its exit code on and removes the peer', probe, async () => {
    const script = 'virsh -c "$VIRT_TARGET" hostname >&2 && echo "$VIRT_PEER_DIRECTORY" && exit 7';
    const { lines, exit } = run('libvirt', '--', 'bash', '-c', script);
    const { value: directory } = await lines.next();
    expect(directory).toMatch(/^\/var\/lib\/virt-peers\/\d+$/);
    expect(await exit).toBe(7);
    expect(existsSync(directory)).toBe(false);
  });

  itWith('keeps a peer until it is interrupted', probe, async () => {
    const { child, lines, exit } = run('libvirt', '--keep');
    expect((await lines.next()).value).toMatch(/^export VIRT_TARGET='qemu\+unix:\/\/\/system\?socket=/);
    await lines.next();
    const directory = /'(.*)'/.exec((await lines.next()).value)?.[1] ?? '';
    expect(existsSync(directory)).toBe(true);
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(existsSync(directory)).toBe(false);
  });
});
