import { execFile } from 'node:child_process';
import { access, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { startRegistry } from '../src/start-registry.mjs';

let registry;
let folder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-test-'));
  registry = await startRegistry();
}, 60_000);
afterAll(async () => {
  await registry?.stop();
  await rm(folder, { recursive: true });
});

async function pack(version) {
  await mkdir(join(folder, 'package'), { recursive: true });
  await writeFile(join(folder, 'package', 'package.json'), JSON.stringify({ name: '@virt-drivers/sample', version }));
  const file = join(folder, `${version}.tgz`);
  await create({ cwd: folder, file, gzip: true }, ['package']);
  return file;
}

const npm = (...args) =>
  promisify(execFile)('npm', [...args, '--cache', join(folder, 'cache')], {
    env: { ...process.env, ...registry.environment },
    timeout: 30_000,
  });

it('serves the bytes that were published, once', async () => {
  const file = await pack('1.0.0');
  expect(await registry.publish(file)).toEqual({ name: '@virt-drivers/sample', version: '1.0.0' });
  const served = await fetch(new URL('@virt-drivers/sample/-/sample-1.0.0.tgz', registry.url));
  expect(Buffer.from(await served.arrayBuffer()).equals(await readFile(file))).toBe(true);
  await expect(registry.publish(file)).rejects.toThrow('409');
});

it('takes what a package manager publishes', async () => {
  await npm('publish', await pack('1.0.1'));
  const { stdout } = await npm('view', '@virt-drivers/sample', 'dist-tags.latest');
  expect(stdout.trim()).toBe('1.0.1');
}, 60_000);

it('leaves nothing', async () => {
  const stored = registry.storedTarball('@virt-drivers/sample', '1.0.0');
  await access(stored);
  await registry.stop();
  await expect(access(dirname(stored))).rejects.toThrow('ENOENT');
  await expect(fetch(registry.url)).rejects.toThrow();
});
