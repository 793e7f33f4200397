import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../main.js';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'virt-pins-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function virt(...args: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await main(
    args,
    { stdin, stdout, stderr, env: { VIRT_TARGET: 'memory://', HOME: cwd }, cwd },
    new AbortController().signal,
  );
  return { code, output: String(stdout.read() ?? ''), errors: String(stderr.read() ?? '') };
}

it('is the command of the pins package, with its options, help and exit codes', async () => {
  expect(await virt('pins', 'block', '@acme/driver@<2.0.0', '--reason', 'Slow.', '--fixed-in', '2.0.0')).toMatchObject({
    code: 0,
    output: '@acme/driver <2.0.0 is blocked. No pin is in that range.\n',
  });
  expect(JSON.parse(await readFile(join(cwd, 'pins.json'), 'utf8'))).toMatchObject({
    blocks: [{ package: '@acme/driver' }],
  });
  expect(await virt('pins', 'explain', '@acme/other')).toMatchObject({
    code: 22,
    errors: expect.stringContaining('neither pinned nor blocked') as string,
  });
  expect(await virt('pins', '--help')).toMatchObject({ code: 0, output: expect.stringContaining('promote') as string });
  expect((await virt('pins', 'verify', '--offline', '--file', 'none.json')).code).toBe(3);
  expect((await virt('pins', 'frobnicate')).code).toBe(2);
});
