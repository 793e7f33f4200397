import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minimalDriver } from '../../test/minimal-driver.js';
import { API_VERSION } from '../driver/manifest.js';
import { defineDriver } from '../driver/define-driver.js';
import { CORE_VERSION } from './core-version.js';
import { driverPackageName, loadDriver } from './load-driver.js';

const NAME = '@example/driver-minimal';
const driver = defineDriver(minimalDriver().definition);
let from: string;

beforeEach(async () => {
  from = await mkdtemp(join(tmpdir(), 'load-driver-'));
});
afterEach(() => rm(from, { recursive: true }));

async function install(manifest: object): Promise<void> {
  const directory = join(from, 'node_modules', NAME);
  await mkdir(directory, { recursive: true });
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ name: NAME, version: '1.2.3', type: 'module', ...manifest }),
  );
}

const load = (module: unknown) => loadDriver(NAME, { from, importPackage: async () => module });

describe('loadDriver', () => {
  it('finds a driver that fits', async () => {
    await install({ peerDependencies: { '@virt-drivers/core': `^${CORE_VERSION}` } });
    await expect(load({ driver })).resolves.toBe(driver);
  });

  it('says how to install what is missing', async () => {
    await expect(load({ driver })).rejects.toMatchObject({
      code: 'DRIVER.NOT_FOUND',
      message: expect.stringContaining(`npm install ${NAME}`) as string,
    });
  });

  it('names both versions when the peer range does not fit', async () => {
    await install({ peerDependencies: { '@virt-drivers/core': '^9.0.0' } });
    await expect(load({ driver })).rejects.toMatchObject({
      code: 'DRIVER.INCOMPATIBLE',
      message: expect.stringMatching(/\^9\.0\.0.*0\.1\.0/) as string,
    });
  });

  it('names both contracts when apiVersion does not fit', async () => {
    await install({});
    const old = { ...driver, manifest: { ...driver.manifest, apiVersion: '0.9' } };
    await expect(load({ driver: old })).rejects.toMatchObject({
      code: 'DRIVER.INCOMPATIBLE',
      message: expect.stringContaining('contract 0.9') as string,
    });
  });

  it('refuses a package that is no driver', async () => {
    await install({});
    await expect(load({})).rejects.toMatchObject({ code: 'DRIVER.INVALID' });
  });

  it('knows short names', () => {
    expect(driverPackageName('memory')).toBe('@virt-drivers/driver-memory');
    expect(driverPackageName('@example/driver-x')).toBe('@example/driver-x');
  });

  it('states the versions that package.json states', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
      virtDrivers: { apiVersion: string };
    };
    expect(CORE_VERSION).toBe(manifest.version);
    expect(API_VERSION).toBe(manifest.virtDrivers.apiVersion);
  });
});
