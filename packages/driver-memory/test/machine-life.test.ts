import { readFile } from 'node:fs/promises';
import { gibibytes, mebibytes, type OpenDriver } from '@virt-drivers/core';
import { driver } from '../src/index.js';
import { imageVolume, MAIN, newMachine, rawSource, SMALL } from './spawned-machine.js';

let open: OpenDriver;
beforeEach(async () => {
  open = await driver.open({ target: 'memory://' });
});
afterEach(() => open.close());

test('a guest stops when it is asked, and a deaf one does not', async () => {
  const willing = await newMachine(open, 'willing');
  await open.power.start(willing.id);
  expect(await open.power.stop!(willing.id)).toBe('stopped');

  const deaf = await newMachine(open, 'deaf', { extensions: { memory: { guest: 'deaf' } } });
  await open.power.start(deaf.id);
  expect(await open.power.stop!(deaf.id, { deadline: new Date(Date.now() + 100) })).toBe('running');
  await expect(
    open.disks.detach(deaf.id, deaf.disks[0]!.id, { deadline: new Date(Date.now() + 50) }),
  ).rejects.toMatchObject({
    code: 'DISK.DETACH_REFUSED',
  });
});

test('events come in order and go on from a cursor', async () => {
  const events = await open.events.watch();
  const machine = await newMachine(open);
  await open.power.start(machine.id);
  await open.power.kill(machine.id);
  const seen = [];
  for await (const event of events) {
    if (event.kind === 'pool-changed' || event.kind === 'task-changed') continue;
    seen.push(event);
    if (event.kind === 'machine-state' && event.state === 'stopped') break;
  }
  expect(seen.map(({ kind }) => kind)).toEqual(['machine-created', 'machine-state', 'machine-state']);
  const again = await open.events.watch({ since: seen[1]!.cursor });
  expect((await again.next()).value).toEqual(seen[2]);
  await again.return?.();
  const unknown = await open.events.watch({ since: 'nonsense' });
  expect((await unknown.next()).value).toMatchObject({ kind: 'resync', reason: 'expired' });
  await unknown.return?.();
});

test('leaving a watch that waits ends it at once', async () => {
  const events = await open.events.watch();
  const waiting = events.next();
  await events.return?.();
  expect(await waiting).toMatchObject({ done: true });
});

test('content goes in and out unchanged, linked clones diverge', async () => {
  const data = Uint8Array.from({ length: 300_001 }, (_, index) => (index * 7) % 251);
  const task = await open.volumes.createFromContent!({ pool: MAIN, name: 'base', content: rawSource(data, 1_000) });
  const base = await task.result();
  const chunks = [];
  for await (const chunk of open.volumes.export!(base.id)) chunks.push(chunk);
  expect(Buffer.concat(chunks).subarray(0, data.length).equals(Buffer.from(data))).toBe(true);
  const clone = await (
    await open.volumes.createFromVolume!({
      pool: MAIN,
      name: 'clone',
      source: base.id,
      mode: 'linked',
      sizeBytes: mebibytes(4),
    })
  ).result();
  expect(clone).toMatchObject({ base: base.id, sizeBytes: mebibytes(4), allocatedBytes: 0n });
  await expect(open.volumes.delete(base.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: clone.id.key });
});

test('a failing source leaves no volume and frees the name', async () => {
  const broken = {
    ...rawSource(new Uint8Array(10)),
    async *open() {
      yield new Uint8Array(5);
      throw new Error('gone');
    },
  };
  const task = await open.volumes.createFromContent!({ pool: MAIN, name: 'half', content: broken });
  await expect(task.result()).rejects.toThrow('gone');
  expect(await open.volumes.find({ pool: MAIN, name: 'half' })).toBeUndefined();
  await imageVolume(open, 'half');
});

test('a hot-plugged disk comes, grows and goes', async () => {
  const machine = await newMachine(open);
  await open.power.start(machine.id);
  const extra = await open.volumes.create({ pool: MAIN, name: 'extra', sizeBytes: gibibytes(1) });
  const disk = await open.disks.attach(machine.id, { volume: extra.id, serial: 'extra' });
  expect(await open.disks.attach(machine.id, { volume: extra.id, serial: 'extra' })).toEqual(disk);
  await open.volumes.grow(extra.id, gibibytes(2));
  await open.disks.detach(machine.id, disk.id);
  await open.disks.detach(machine.id, disk.id);
  expect((await open.machines.get(machine.id)).disks).toHaveLength(1);
});

test('cancelling ends the making of a volume, also when its source hangs', async () => {
  const hanging = {
    ...rawSource(new Uint8Array(10)),
    async *open() {
      yield new Uint8Array(5);
      await new Promise(() => undefined);
    },
  };
  const task = await open.volumes.createFromContent!({ pool: MAIN, name: 'stuck', content: hanging });
  await expect(open.volumes.create({ pool: MAIN, name: 'stuck', sizeBytes: mebibytes(1) })).rejects.toMatchObject({
    code: 'VOLUME.EXISTS',
  });
  await task.cancel();
  await expect(task.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  expect((await task.status()).state).toBe('cancelled');
  await open.volumes.create({ pool: MAIN, name: 'stuck', sizeBytes: mebibytes(1) });
});

test('content that does not fit leaves nothing, thick or thin', async () => {
  const content = rawSource(new Uint8Array(40 * 1_048_576).fill(1), 1_048_576);
  const make = async (name: string, provisioning: 'thin' | 'thick') =>
    (await open.volumes.createFromContent!({ pool: SMALL, name, content, provisioning })).result();
  await make('first', 'thin');
  await expect(make('second', 'thin')).rejects.toMatchObject({ code: 'POOL.FULL' });
  await expect(make('third', 'thick')).rejects.toMatchObject({ code: 'POOL.FULL' });
  expect((await open.volumes.list(SMALL).all()).map(({ name }) => name)).toEqual(['first']);
  expect(await open.volumes.pool(SMALL)).toMatchObject({ freeBytes: mebibytes(24) });
});

test('the manifest says the version of the package', async () => {
  const { name, version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(driver.manifest).toMatchObject({ name, version });
});
