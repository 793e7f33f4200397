import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { minimalDriver } from '../../test/minimal-driver.js';
import { defineDriver } from '../driver/define-driver.js';
import type { DriverPins } from './driver-pins.js';
import { filesDigest } from './files-digest.js';
import { loadDriver } from './load-driver.js';

const NAME = '@example/driver-minimal';
const driver = defineDriver(minimalDriver().definition);
const published: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: NAME, version: '1.2.3', type: 'module' }),
  'dist/index.js': 'export {};\n',
};
const digest = filesDigest(Object.entries(published).map(([path, text]) => ({ path, content: Buffer.from(text) })));
const pin = { package: NAME, version: '1.2.3', state: 'approved', reason: 'proven', filesDigest: digest } as const;
let from: string;

const put = async (path: string, text: string) => {
  const file = join(from, 'node_modules', NAME, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};

beforeEach(async () => {
  from = await mkdtemp(join(tmpdir(), 'check-approval-'));
  for (const [path, text] of Object.entries(published)) await put(path, text);
});
afterEach(() => rm(from, { recursive: true }));

let imports = 0;
const load = (pins: DriverPins) => {
  imports = 0;
  return loadDriver(NAME, { from, pins, importPackage: async () => ((imports += 1), { driver }) });
};
async function refused(pins: DriverPins): Promise<string> {
  const error: unknown = await load(pins).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'DRIVER.NOT_APPROVED', subject: NAME });
  expect(imports).toBe(0);
  return (error as Error).message;
}

describe('loadDriver with pins', () => {
  it('loads what is approved and untouched, wherever dependencies were put', async () => {
    await put('node_modules/other/index.js', 'module.exports = 1;');
    await expect(load({ pins: [pin] })).resolves.toBe(driver);
  });

  it('refuses another version than the pinned one, and names that', async () => {
    const other = { ...pin, version: '1.2.2' };
    expect(await refused({ pins: [other] })).toMatch(/1\.2\.3 is not pinned.*Install @example\/driver-minimal@1\.2\.2/);
  });

  it('refuses what nobody pinned', async () => {
    expect(await refused({ pins: [] })).toMatch(/is not pinned.*virt pins add @example\/driver-minimal@1\.2\.3/);
  });

  it('refuses a blocked pin with the reason', async () => {
    const blocked = { ...pin, state: 'blocked', reason: 'Loses writes.' } as const;
    expect(await refused({ pins: [blocked, { ...pin, version: '1.2.4' }] })).toMatch(
      /blocked: Loses writes\..*Install .*@1\.2\.4/,
    );
  });

  it('refuses a blocked range, also when the version is approved', async () => {
    const blocks = [{ package: NAME, range: '>=1.2.0 <1.2.4', reason: 'Loses writes.' }];
    expect(await refused({ pins: [pin], blocks })).toMatch(/blocked: Loses writes\. No version of it is approved/);
  });

  it.each([
    ['a changed file', () => put('dist/index.js', 'export {}; \n')],
    ['an added file', () => put('dist/more.js', '')],
    ['a missing file', () => rm(join(from, 'node_modules', NAME, 'dist', 'index.js'))],
    [
      'a link to a file elsewhere',
      async () => {
        await writeFile(join(from, 'elsewhere.js'), 'export const evil = 1;\n');
        await rm(join(from, 'node_modules', NAME, 'dist', 'index.js'));
        await symlink(join(from, 'elsewhere.js'), join(from, 'node_modules', NAME, 'dist', 'index.js'));
      },
    ],
  ])('refuses %s', async (_, alter) => {
    await alter();
    expect(await refused({ pins: [pin] })).toContain('was altered');
  });

  it('approves nothing by a list that it cannot read', async () => {
    // Not of the type: what a file may hold.
    const broken = { pins: [{ ...pin, state: 'aproved' }] } as unknown as DriverPins;
    await expect(load(broken)).rejects.toMatchObject({
      code: 'REQUEST.INVALID',
      message: expect.stringContaining('pins.0.state') as string,
    });
  });
});

describe('filesDigest', () => {
  it('does not depend on the order of files, and is the sha512sum format', () => {
    const files = ['b', 'a'].map((path) => ({ path, content: Buffer.from(path) }));
    expect(filesDigest(files)).toBe(filesDigest([...files].reverse()));
    expect(filesDigest([])).toBe(
      'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
    );
  });
});
