import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { EXIT } from './exit-codes.js';
import { main } from './main.js';
import { HOSTILE_OVAS, soundOva } from '@virt-drivers/image-corpus';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'virt-package-'));
});
afterEach(() => rm(home, { recursive: true }));

async function inspect(content: Buffer, ...flags: string[]) {
  await writeFile(join(home, 'web.ova'), content);
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const terminal = { stdin, stdout, stderr, env: { HOME: home, XDG_CONFIG_HOME: home }, cwd: home };
  const args = [...flags, 'image', 'inspect', join(home, 'web.ova'), '--format', 'ova'];
  const code = await main(args, terminal, new AbortController().signal);
  const text = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, out: text(stdout), err: text(stderr) };
}

describe('virt image inspect of a package', () => {
  it('shows its machine and its disks', async () => {
    const { code, out } = await inspect(soundOva(), '--output', 'table');
    expect(code).toBe(EXIT.ok);
    for (const text of ['disk0.vmdk, 1 MiB, vmdk, pvscsi 0:0', 'lan (VmxNet3)', 'verified', 'admitted'])
      expect(out).toContain(text);
  });

  it('gives all of it as JSON', async () => {
    const { code, out } = await inspect(soundOva(), '--output', 'json');
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'admitted', disks: [{ file: { href: 'disk0.vmdk' } }] });
  });

  it.each(Object.entries(HOSTILE_OVAS))('refuses one with %s and says why', async (_name, [, content]) => {
    const { code, out, err } = await inspect(content(), '--output', 'table');
    expect(code).toBe(EXIT.imageRefused);
    expect(out).toContain('refused');
    expect(err).toMatch(/Image "web\.ova" is refused\. \S.*\./);
  });
});
