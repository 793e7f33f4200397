import { PassThrough } from 'node:stream';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from './exit-codes.js';
import { main } from './main.js';
import { VERSION } from './version.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'virt-main-'));
});
afterEach(() => rm(home, { recursive: true }));

async function virt(...args: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const terminal = { stdin, stdout, stderr, env: { HOME: home, XDG_CONFIG_HOME: home }, cwd: home };
  const code = await main(args, terminal, new AbortController().signal);
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, out: text(stdout), err: text(stderr) };
}

describe('virt', () => {
  it('helps', async () => {
    const { code, out } = await virt('--help');
    expect(code).toBe(EXIT.ok);
    for (const command of ['spawn', 'list', 'show', 'console', 'volume', 'snapshot', 'destroy', 'drivers', 'doctor'])
      expect(out).toContain(`  ${command}`);
  });

  it.each(['spawn', 'console', 'volume', 'snapshot'])('explains %s', async (command) => {
    const { code, out } = await virt(command, '--help');
    expect(code).toBe(EXIT.ok);
    expect(out).toContain(`Usage: virt ${command}`);
  });

  it.each([
    [['nonsense']],
    [['list', '--nonsense']],
    [['start']],
    [['--output', 'xml', 'list']],
    [['spawn', 'x', '--option', 'novalue']],
  ])('answers %j with usage', async (args) => {
    const { code, err } = await virt(...args);
    expect(code).toBe(EXIT.usage);
    expect(err).not.toBe('');
  });

  it('says its version', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(VERSION).toBe(manifest.version);
    expect((await virt('--version')).out).toBe(`${VERSION}\n`);
  });

  it('says how to install a driver that is missing', async () => {
    const { code, err } = await virt('--driver', 'nonesuch', '--target', 'x://y', 'list');
    expect(code).toBe(EXIT.notFound);
    expect(err).toContain('npm install @virt-drivers/driver-nonesuch');
  });

  it('writes errors as JSON when that is wanted', async () => {
    const { err } = await virt('--output', 'json', '--driver', 'nonesuch', '--target', 'x://y', 'list');
    expect(JSON.parse(err)).toMatchObject({ code: 'DRIVER.NOT_FOUND', stateAfter: 'unchanged' });
  });

  it('asks for a driver that the target does not name', async () => {
    expect(await virt('--target', 'nonsense', 'list')).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('--driver') as string,
    });
  });

  it.each(['bash', 'zsh', 'fish'])('completes in %s', async (shell) => {
    const { code, out } = await virt('--target', 'memory://', 'completion', shell);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('snapshot');
    expect(out).toMatch(/--image|-l image/);
  });

  it('knows no other shell', async () => {
    expect(await virt('--target', 'memory://', 'completion', 'csh')).toMatchObject({ code: EXIT.usage });
  });
});
