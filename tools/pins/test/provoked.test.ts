import { jest } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry, type Registry } from '@virt-drivers/registry';
import { readTarball } from '../src/index.js';
import { packFiles, type Files } from './fixtures/packed.js';
import { pinsCommand } from './fixtures/pins-command.js';
import { tinyDriver, type TinyDriver } from './fixtures/tiny-driver.js';

jest.setTimeout(60_000);

let work: string;
let registry: Registry;
let count = 0;

const core = (version: string): Files => ({
  'package.json': JSON.stringify({
    name: '@virt-drivers/core',
    version,
    exports: './index.js',
    type: 'module',
    virtDrivers: { kind: 'core', apiVersion: '1.0' },
  }),
  'index.js': 'export const defineDriver = (definition) => definition;',
});

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'pins-provoked-'));
  registry = await startRegistry();
  for (const version of ['0.1.0', '0.2.0']) await registry.publish(await packFiles(work, core(version)));
}, 60_000);
afterAll(async () => {
  await registry?.stop();
  await rm(work, { recursive: true });
});

const publish = async (driver: TinyDriver) => registry.publish(await packFiles(work, tinyDriver(driver)));

/** A driver of its own for each test, in a pins.json of its own with core 0.1.0. */
async function pinned(change: Partial<TinyDriver> = {}) {
  const name = `@virt-drivers/driver-d${(count += 1)}`;
  await publish({ name, version: '1.0.0', ...change });
  const pins = pinsCommand(work, `pins-${count}.json`, registry.url);
  expect(await pins('add', '@virt-drivers/core@0.1.0')).toMatchObject({ code: 0, errors: '' });
  return { name, pins, added: await pins('add', `${name}@1.0.0`) };
}

describe('verify catches', () => {
  it('a tampered tarball', async () => {
    const { name, pins } = await pinned();
    const other = await packFiles(work, tinyDriver({ name, version: '1.0.0', line: 'globalThis.stolen = true;' }));
    await copyFile(other, registry.storedTarball(name, '1.0.0'));
    const { code, errors } = await pins('verify');
    expect(code).toBe(11);
    expect(errors).toMatch(
      new RegExp(`^altered: The tarball of ${name}@1\\.0\\.0 is not the pinned one: its SHA-512 is sha512-.*`),
    );
  });

  it('a deprecated version', async () => {
    const { name, pins } = await pinned();
    await registry.deprecate(name, '1.0.0', 'Use another.');
    expect(await pins('verify')).toMatchObject({
      code: 13,
      errors: `deprecated: ${name}@1.0.0 is deprecated: Use another. Upgrade it: virt pins upgrade ${name}\n`,
    });
  });

  it('a version that is gone', async () => {
    const { name, pins } = await pinned();
    await publish({ name, version: '1.0.1' });
    await registry.unpublish(name, '1.0.0');
    expect(await pins('verify')).toMatchObject({
      code: 10,
      errors: expect.stringMatching(/^missing: .*@1\.0\.0 is not in the registry\./) as string,
    });
  });

  it('a pin that was edited by hand', async () => {
    const { pins, added } = await pinned();
    await writeFile(
      join(work, `pins-${count}.json`),
      added.file.replace('"coreRange": "^0.1.0"', '"coreRange": ">=0.1.0"'),
    );
    expect(await pins('verify')).toMatchObject({
      code: 3,
      errors: expect.stringContaining('edited by hand') as string,
    });
  });

  it('a registry that does not answer, and works from the cache then', async () => {
    const { pins } = await pinned();
    expect(await pins('verify', '--registry', 'http://127.0.0.1:9/')).toMatchObject({
      code: 4,
      errors: expect.stringMatching(/did not give .*--offline/) as string,
    });
    const offline = await pins('verify', '--offline', '--no-conformance');
    expect(offline).toMatchObject({ code: 0, errors: expect.stringContaining('was not asked') as string });
    await rm(join(work, 'cache'), { recursive: true });
    expect(await pins('verify', '--offline')).toMatchObject({
      code: 10,
      errors: expect.stringContaining('not in the cache') as string,
    });
  });
});

describe('add refuses, and writes nothing', () => {
  it('a peer range that core is out of', async () => {
    const { name, pins, added } = await pinned();
    await publish({ name, version: '1.0.1', coreRange: '>=0.1.5 <0.2.0' });
    const refused = await pins('add', `${name}@1.0.1`);
    expect(refused).toMatchObject({
      code: 14,
      errors: `${name}@1.0.1 accepts @virt-drivers/core >=0.1.5 <0.2.0, but 0.1.0 is pinned. Pin versions that fit each other.\n`,
      file: added.file,
    });
    expect(await pins('upgrade', name)).toMatchObject({
      code: 0,
      errors: expect.stringMatching(/Passed over: .*nothing newer fits/s) as string,
      file: added.file,
    });
  });

  it('a core that leaves drivers behind', async () => {
    const { name, pins, added } = await pinned();
    expect(await pins('add', '@virt-drivers/core@0.2.0')).toMatchObject({
      code: 14,
      errors: expect.stringContaining(`${name}@1.0.0 accepts @virt-drivers/core ^0.1.0, but 0.2.0 is pinned`) as string,
      file: added.file,
    });
  });

  it('another contract', async () => {
    const { name, added } = await pinned({ apiVersion: '2.0' });
    expect(added).toMatchObject({
      code: 15,
      errors: `${name}@1.0.0 implements contract 2.0, but @virt-drivers/core 0.1.0 offers 1.0. Pin a driver for that contract.\n`,
      file: expect.not.stringContaining(name) as string,
    });
  });

  it('a version that does not exist, and a deprecated one', async () => {
    const { name, pins } = await pinned();
    expect(await pins('add', `${name}@9.9.9`)).toMatchObject({
      code: 10,
      errors: expect.stringContaining('is not in the registry') as string,
    });
    await publish({ name, version: '1.0.1' });
    await registry.deprecate(name, '1.0.1', 'Broken.');
    expect(await pins('add', `${name}@1.0.1`)).toMatchObject({
      code: 13,
      errors: `${name}@1.0.1 is deprecated: Broken.\n`,
    });
  });

  it('bytes that are not what the registry itself says', async () => {
    const { name, pins } = await pinned();
    await publish({ name, version: '1.0.1' });
    await copyFile(registry.storedTarball(name, '1.0.0'), registry.storedTarball(name, '1.0.1'));
    expect(await pins('add', `${name}@1.0.1`)).toMatchObject({
      code: 11,
      errors: expect.stringContaining('not what the registry itself says') as string,
    });
  });

  it('a tarball of another package', async () => {
    const { pins } = await pinned();
    const wrong = await packFiles(work, {
      'package.json': JSON.stringify({ name: '@virt-drivers/driver-wrong', version: '1.0.0' }),
    });
    const name = '@virt-drivers/driver-right';
    const { integrity } = await readTarball(await readFile(wrong), name);
    const file = await packFiles(work, tinyDriver({ name, version: '1.0.0' }));
    await registry.publish(file, { integrity });
    await copyFile(wrong, registry.storedTarball(name, '1.0.0'));
    expect(await pins('add', `${name}@1.0.0`)).toMatchObject({
      code: 19,
      errors: expect.stringContaining('package.json of another package') as string,
    });
  });
});

it('says what an upgrade changes, newest first, without prereleases and blocked versions', async () => {
  const { name, pins } = await pinned();
  await publish({ name, version: '1.1.0', resets: true });
  await publish({ name, version: '1.2.0' });
  await publish({ name, version: '2.0.0-rc.1' });
  await pins('block', `${name}@>=1.2.0 <1.3.0`, '--reason', 'Slow.');
  const { code, output } = await pins('upgrade', name);
  expect(code).toBe(0);
  expect(output).toMatch(/1\.0\.0 → 1\.1\.0 [^]*Support matrix:\n {2}\+ power\.reset: yes\n/);
  expect(output).toMatch(/^\+export const resets: true;$/m);
  expect((await pins('list')).output).toMatch(/^approved {2}.*@1\.1\.0 {2}next/m);
}, 120_000);
