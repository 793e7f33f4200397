import { access, appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { filesDigest } from '@virt-drivers/core';
import { EXIT } from './exit-codes.js';
import { main } from './main.js';

const NAME = '@example/driver-tiny';
const at = '2026-01-01T00:00:00.000Z';
let home: string;
let files: Readonly<Record<string, string>>;

const facets = ['hosts', 'machines', 'power', 'volumes', 'disks', 'nics', 'events'];
const manifest = {
  name: NAME,
  version: '1.0.0',
  apiVersion: '1.0',
  title: 'Does nothing',
  targets: [{ pattern: 'tiny://', example: 'tiny://', meaning: 'nowhere' }],
  capabilities: Object.fromEntries(facets.map((facet) => [facet, {}])),
};
const ran = () => join(home, 'ran');
const installed = (path: string) => join(home, 'node_modules', NAME, path);

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'virt-strict-'));
  const virtDrivers = { kind: 'driver', platform: 'tiny', apiVersion: '1.0' };
  const exported = { '.': './index.js', './package.json': './package.json' };
  files = {
    'package.json': JSON.stringify({ name: NAME, version: '1.0.0', type: 'module', exports: exported, virtDrivers }),
    'index.js': `import { writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(ran())}, '');
      export const driver = { manifest: ${JSON.stringify(manifest)}, open: async () => { throw new Error('nowhere'); } };`,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(installed(path)), { recursive: true });
    await writeFile(installed(path), text);
  }
});
afterEach(() => rm(home, { recursive: true }));

/** A pins.json with the tiny driver in `next`. */
async function pinned(change: object = {}, blocks: readonly object[] = []): Promise<string> {
  const digest = filesDigest(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));
  const pin = {
    package: NAME,
    version: '1.0.0',
    kind: 'driver',
    state: 'approved',
    reason: 'Proven.',
    by: 'core-team',
    at,
    channels: { next: at },
    integrity: `sha512-${'A'.repeat(86)}==`,
    filesDigest: digest,
    hypervisors: [],
    conformance: [],
    source: {},
    ...change,
  };
  const channels = { next: { minimumAgeDays: 0 }, stable: { from: 'next', minimumAgeDays: 7 } };
  const path = join(home, 'pins.json');
  await writeFile(path, JSON.stringify({ schemaVersion: 1, channels, pins: [pin], blocks }));
  return path;
}

async function virt(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const terminal = { stdin, stdout, stderr, env: { HOME: home, XDG_CONFIG_HOME: home, ...env }, cwd: home };
  const code = await main(args, terminal, new AbortController().signal);
  const hasRun = await access(ran()).then(
    () => true,
    () => false,
  );
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? ''), hasRun };
}
const tiny = ['--driver', NAME, '--target', 'tiny://'];

describe('virt with pins', () => {
  it('opens with an approved driver', async () => {
    await pinned();
    expect(await virt([...tiny, '--pins', 'pins.json', 'list'])).toMatchObject({
      err: expect.stringContaining('nowhere') as string,
      hasRun: true,
    });
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ['unpinned', 'is not pinned', () => pinned({ version: '2.0.0' })],
    ['blocked', 'is blocked: Loses writes.', () => pinned({ version: '2.0.0' }, [block()])],
    ['pinned as blocked', 'is blocked: Proven.', () => pinned({ state: 'blocked' })],
    ['altered', 'was altered', async () => [await pinned(), await appendFile(installed('index.js'), '\n')]],
  ])('refuses one that is %s, before any of its code runs', async (_, reason, prepare) => {
    await prepare();
    expect(await virt([...tiny, '--pins', 'pins.json', 'list'])).toMatchObject({
      code: EXIT.denied,
      err: expect.stringMatching(
        new RegExp(`^virt: Driver ${NAME}.*${reason}.*\\[DRIVER.NOT_APPROVED\\]\n$`),
      ) as string,
      hasRun: false,
    });
  });

  it('takes the channel that is asked for', async () => {
    await pinned();
    const { code, err, hasRun } = await virt([...tiny, '--pins', 'pins.json', '--pins-channel', 'stable', 'list']);
    expect({ code, hasRun }).toEqual({ code: EXIT.denied, hasRun: false });
    expect(err).toContain('is not pinned');
    expect(await virt([...tiny, '--pins-channel', 'stable', 'list'])).toMatchObject({
      code: EXIT.usage,
      hasRun: false,
    });
  });

  it('takes the list from environment and configuration file, beside which it is found', async () => {
    const path = await pinned({ version: '2.0.0' });
    expect(await virt([...tiny, 'list'], { VIRT_PINS: path })).toMatchObject({ code: EXIT.denied, hasRun: false });
    await mkdir(join(home, 'virt-drivers'));
    await writeFile(join(home, 'virt-drivers', 'config.yaml'), 'pins: ../pins.json\n');
    expect(await virt([...tiny, 'list'])).toMatchObject({ code: EXIT.denied, hasRun: false });
  });

  it('refuses everything when the list cannot be read', async () => {
    expect(await virt([...tiny, '--pins', 'none.json', 'list'])).toMatchObject({ code: EXIT.usage, hasRun: false });
    await writeFile(join(home, 'pins.json'), '{}');
    expect(await virt([...tiny, '--pins', 'pins.json', 'list'])).toMatchObject({ code: EXIT.usage, hasRun: false });
  });

  it('shows in the list of drivers which are refused', async () => {
    await pinned({ version: '2.0.0' });
    expect(await virt([...tiny, '--pins', 'pins.json', 'drivers'])).toMatchObject({
      code: EXIT.ok,
      out: expect.stringContaining('is not pinned') as string,
      hasRun: false,
    });
  });
});

const block = () => ({ package: NAME, range: '<1.1.0', reason: 'Loses writes.', by: 'core-team', at });
