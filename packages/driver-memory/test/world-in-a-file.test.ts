import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mebibytes, type OpenDriver } from '@virt-drivers/core';
import { createFileContent } from '../src/content/content-store.js';
import { driver, systemClock } from '../src/index.js';
import { createFileStore } from '../src/world/file-store.js';
import { assembleWorld } from '../src/world/world.js';
import { MAIN, newMachine } from './spawned-machine.js';

let directory: string;
let file: string;
const opened: OpenDriver[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'memory-world-'));
  file = join(directory, 'world.json');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rm(directory, { recursive: true });
});

/** Opens the file as a process of its own would: nothing is shared but the file. */
async function openAsAnother(): Promise<OpenDriver> {
  const world = assembleWorld({
    store: createFileStore(file),
    content: createFileContent(`${file}.volumes`),
    clock: systemClock,
  });
  const one = await driver.open({ target: 'memory://', options: { world } });
  opened.push(one);
  return one;
}

async function openHere(): Promise<OpenDriver> {
  const one = await driver.open({ target: `memory://${file}` });
  opened.push(one);
  return one;
}

async function digestible(open: OpenDriver, id: Parameters<OpenDriver['volumes']['get']>[0]): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of open.volumes.export!(id)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what one process makes another one finds, content included', async () => {
  const first = await openHere();
  const record = { owner: 'instance-1', body: { text: 'ä\u{1F600}<&>' } };
  const machine = await newMachine(first, 'kept', { record });
  const second = await openAsAnother();
  expect(second.endpointId).toBe(first.endpointId);
  expect(await second.machines.get(machine.id)).toEqual(machine);
  expect(await second.machines.record(machine.id)).toMatchObject(record);
  const volume = machine.disks[0]!.volume!;
  expect((await digestible(second, volume)).equals(await digestible(first, volume))).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a watcher sees what another process does, and a guest goes on in whichever is there', async () => {
  const first = await openHere();
  const second = await openAsAnother();
  const events = await first.events.watch();
  const machine = await newMachine(second);
  await second.power.start(machine.id);
  for await (const event of events) if (event.kind === 'guest-agent' && event.connected) break;
  expect(await second.power.stop!(machine.id)).toBe('stopped');
});

test('many changes from two processes at once are all kept', async () => {
  const [first, second] = [await openHere(), await openAsAnother()];
  const make = (open: OpenDriver, who: string) =>
    Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        open.volumes.create({ pool: MAIN, name: `${who}-${index}`, sizeBytes: mebibytes(1) }),
      ),
    );
  await Promise.all([make(first, 'a'), make(second, 'b')]);
  expect(await first.volumes.list(MAIN).all()).toHaveLength(20);
});

test('a killed process leaves neither its lock nor its half-made volume behind', async () => {
  const first = await openHere();
  const machine = await newMachine(first);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  await writeFile(`${file}.lock`, String(child.pid));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const second = await openAsAnother();
  expect((await second.machines.get(machine.id)).id).toBe(machine.id);
  expect(await readdir(directory)).toEqual(['world.json', 'world.json.volumes']);
});

test('deleting the last volume removes its content', async () => {
  const first = await openHere();
  const machine = await newMachine(first);
  expect((await readdir(`${file}.volumes`)).length).toBeGreaterThan(0);
  await first.machines.delete(machine.id, { withVolumesOf: machine.disks.map(({ id }) => id) });
  expect(await readdir(`${file}.volumes`)).toEqual([]);
});

test('a file that is no world, and a target that is none, are refused', async () => {
  await writeFile(file, '{"other": true}');
  await expect(openHere()).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  await writeFile(file, 'not JSON');
  await expect(openHere()).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  for (const target of ['memory:x', 'memory://a/b', 'memory://-x', 'qemu:///system', 'memory://user@host/']) {
    await expect(driver.open({ target })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  }
});
