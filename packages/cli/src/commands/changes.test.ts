import { PassThrough } from 'node:stream';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EXIT } from '../exit-codes.js';
import { main } from '../main.js';

const INSTANCE = '00000000-0000-4000-8000-0000000000bb';
let home: string;
let target: string;

async function virt(...args: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const repository = join(import.meta.dirname, '../../../..');
  const env = { HOME: home, XDG_CONFIG_HOME: home, VIRT_DRIVER_PATH: join(repository, 'tools/demo') };
  const terminal = { stdin, stdout, stderr, env, cwd: home };
  const code = await main(['--target', target, '--output', 'json', ...args], terminal, new AbortController().signal);
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  const out = text(stdout);
  const data: unknown = out === '' ? undefined : JSON.parse(out);
  return { code, data, err: text(stderr) };
}

async function ok(...args: string[]): Promise<unknown> {
  const { code, data, err } = await virt(...args);
  if (code !== EXIT.ok) throw new Error(`virt ${args.join(' ')}: ${err}`);
  return data;
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'virt-changes-'));
  target = `memory://${join(home, 'world.json')}`;
  for (const name of ['first', 'second']) await writeFile(join(home, `${name}.raw`), Buffer.alloc(131_072, name));
  const image = join(home, 'first.raw');
  const spec = ['--id', INSTANCE, '--image', image, '--ephemeral', '1M', '--swap', '1M', '--network', 'lan'];
  await ok('spawn', 'web', ...spec);
}, 30_000);
afterEach(() => rm(home, { recursive: true }));

const roles = { record: { phase: 'ready' } };

/** What `virt show` says once the guest is up: until then its state changes by itself. */
async function shownWhenUp(): Promise<unknown> {
  for (;;) {
    const shown = await ok('show', 'web');
    if (JSON.stringify(shown).includes('guest ready')) return shown;
    await setTimeout(10);
  }
}

it('rebuilds, and a dry run changes nothing', async () => {
  const image = ['--image', join(home, 'second.raw')];
  const before = await shownWhenUp();
  expect(await ok('rebuild', 'web', ...image, '--dry-run')).toMatchObject({
    flow: 'rebuild',
    interrupts: true,
    remove: expect.arrayContaining([`${INSTANCE}-root`]),
  });
  expect(await ok('show', 'web')).toEqual(before);
  expect(await ok('rebuild', 'web', ...image, '--keep-ephemerals')).toMatchObject(roles);
  await ok('image', 'create', 'web', '--to', join(home, 'now.raw'));
  expect((await readFile(join(home, 'now.raw'))).equals(await readFile(join(home, 'second.raw')))).toBe(true);
}, 30_000);

it('rescues and unrescues', async () => {
  expect(await ok('rescue', 'web', '--image', join(home, 'second.raw'))).toMatchObject({ record: { rescued: true } });
  expect((await virt('resize', 'web', '--cpus', '2')).code).toBe(EXIT.conflict);
  expect(await ok('unrescue', 'web')).toMatchObject(roles);
}, 30_000);

it('resizes, confirms and reverts', async () => {
  const larger = ['--cpus', '2', '--memory', '1G', '--disk', '1M', '--ephemeral', '2M', '--swap', 'none'];
  expect(await ok('resize', 'web', ...larger)).toMatchObject({ machine: { cpu: { count: 2 } } });
  expect(await ok('resize', 'revert', 'web')).toMatchObject({ machine: { cpu: { count: 1 } } });
  await ok('resize', 'web', ...larger);
  expect(await ok('resize', 'confirm', 'web')).toMatchObject({ machine: { cpu: { count: 2 } }, ...roles });
  expect((await virt('resize', 'confirm', 'web')).code).toBe(EXIT.conflict);
}, 30_000);

it('extends and swaps volumes, attaches nics, and moves', async () => {
  await ok('volume', 'create', 'data', '1M', '--pool', 'main');
  await ok('volume', 'attach', 'web', 'main/data');
  expect(await ok('volume', 'extend', 'web', 'main/data', '2M')).toMatchObject(roles);
  expect(await ok('volume', 'swap', 'web', 'main/data', '--name', 'moved')).toMatchObject(roles);
  const mac = '52:54:00:00:00:99';
  expect(await ok('nic', 'attach', 'web', 'lan', '--mac', mac)).toMatchObject({ macAddress: mac });
  await ok('nic', 'detach', 'web', mac);
  await ok('volume', 'detach', 'web', 'main/moved');
  expect(await ok('reboot', 'web', '--force')).toMatchObject({ outcome: 'rebooted' });
  expect(await ok('migrate', 'web', '--live', '--host', 'host-2')).toMatchObject({ machine: { host: 'host-2' } });
  const other = `memory://${join(home, 'other.json')}`;
  expect(await ok('migrate', 'web', '--to', other)).toMatchObject({ machine: { state: 'running' }, ...roles });
  expect(await ok('list', '--all')).toEqual([]);
  expect(await ok('reconcile', '--peer', other)).toEqual([]);
}, 60_000);
