import { connect } from 'node:net';
import { once } from 'node:events';
import { gibibytes, mebibytes, Secret, hostId, poolId, snapshotId, type OpenDriver } from '@virt-drivers/core';
import { createWorld, driver } from '../src/index.js';
import { LAN, MAIN, newMachine, rawSource } from './spawned-machine.js';

const text = (data: Uint8Array): string => Buffer.from(data).toString('utf8');

let open: OpenDriver;
beforeEach(async () => {
  open = await driver.open({ target: 'memory://' });
});
afterEach(() => open.close());

async function runningMachine(name = 'one', more: object = {}) {
  const machine = await newMachine(open, name, more);
  await open.power.start(machine.id);
  await lineOnConsole(machine.id, 'GUEST: ready');
  return machine;
}

async function lineOnConsole(id: Parameters<OpenDriver['power']['start']>[0], line: string): Promise<string> {
  let all = '';
  for await (const chunk of open.consoles!.log!(id, { follow: true }, { deadline: new Date(Date.now() + 2_000) })) {
    all += text(chunk);
    if (all.includes(line)) return all;
  }
  throw new Error(`"${line}" never came: ${all}`);
}

test('a snapshot brings back what the guest wrote, with and without memory', async () => {
  const { id } = await runningMachine();
  const write = (content: string) =>
    open.guest!.writeFile!(
      id,
      '/data/note',
      (async function* () {
        yield Buffer.from(content);
      })(),
    );
  const readBack = async () => {
    let all = '';
    for await (const chunk of open.guest!.readFile!(id, '/data/note')) all += text(chunk);
    return all;
  };
  await write('before');
  const snapshot = await open.snapshots!.create(id, { name: 'with memory', memory: true });
  await write('after');
  expect(await readBack()).toBe('after');
  await open.snapshots!.revert!(id, snapshot.id);
  expect((await open.machines.get(id)).state).toBe('running');
  expect(await readBack()).toBe('before');

  const cold = await open.snapshots!.create(id, { name: 'disks only' });
  expect(cold.parent).toBe(snapshot.id);
  await write('later');
  await open.snapshots!.revert!(id, cold.id);
  expect((await open.machines.get(id)).state).toBe('stopped');
  await expect(open.volumes.grow((await open.machines.get(id)).disks[0]!.volume!, gibibytes(1))).rejects.toMatchObject({
    code: 'SNAPSHOT.BLOCKS',
    heldBy: snapshot.id,
  });
  await open.snapshots!.delete(id, snapshot.id);
  expect(await open.snapshots!.list(id).all()).toMatchObject([{ id: cold.id, current: true }]);
  await expect(open.snapshots!.get(id, snapshotId('none'))).rejects.toMatchObject({ code: 'SNAPSHOT.NOT_FOUND' });
  await open.power.start(id);
  await lineOnConsole(id, 'boots 2');
  expect(await readBack()).toBe('before');
});

test('pause, save and restore keep what the guest had in memory', async () => {
  const { id } = await runningMachine();
  await open.guest!.exec!(id, { path: '/bin/sh', args: ['-c', 'echo kept > /tmp/x'] });
  await open.suspension!.pause!(id);
  await open.suspension!.resume!(id);
  await open.suspension!.save!(id);
  await expect(open.suspension!.resume!(id)).rejects.toMatchObject({ code: 'MACHINE.WRONG_STATE' });
  await open.suspension!.restore!(id);
  const { stdout } = await open.guest!.exec!(id, { path: '/bin/cat', args: ['/tmp/x'] });
  expect(text(stdout)).toBe('kept\n');
  await open.suspension!.save!(id);
  await open.suspension!.discardSaved!(id);
  expect((await open.machines.get(id)).state).toBe('stopped');
});

test('a person logs in on the serial port; taking over ends it for the first one', async () => {
  const { id } = await runningMachine();
  const first = await open.consoles!.serial!(id);
  await expect(open.consoles!.serial!(id)).rejects.toMatchObject({ code: 'CONSOLE.IN_USE' });
  await first.write(Buffer.from('root\rguest\recho "a  b" > /data/f && cat /data/f\r'));
  let seen = '';
  for await (const chunk of first.output) if ((seen += text(chunk)).includes('a  b\r\n~ # ')) break;
  const second = await open.consoles!.serial!(id, { takeOver: true });
  await expect(first.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'CONSOLE.UNAVAILABLE' });
  await open.power.kill(id);
  for await (const _ of second.output);
});

test('a viewer gets a picture from the screen', async () => {
  const { id } = await runningMachine();
  const { host, port } = await open.consoles!.vnc!(id);
  const socket = connect(port!, host);
  let received = Buffer.alloc(0);
  socket.on('data', (data) => (received = Buffer.concat([received, data])));
  const until = async (length: number) => {
    while (received.length < length) await once(socket, 'data');
  };
  await until(12);
  socket.write('RFB 003.008\n');
  await until(14);
  socket.write(Uint8Array.of(1));
  await until(18);
  socket.write(Uint8Array.of(1));
  await until(18 + 24 + 3);
  expect(received.readUInt16BE(18)).toBe(320);
  socket.write(Uint8Array.of(3, 0, 0, 0, 0, 0, 1, 64, 0, 200));
  await until(18 + 27 + 16 + 320 * 200 * 4);
  await open.power.kill(id);
  await once(socket, 'close');
});

test('a machine moves between hosts and between worlds, running', async () => {
  const { id } = await runningMachine('mover', { host: hostId('host-1') });
  const plan = { machine: id, mode: 'live' as const, host: hostId('host-2') };
  expect(await open.migration!.check(plan)).toEqual([]);
  const ticket = await open.migration!.prepare(plan, await open.migration!.describe(plan));
  const task = await open.migration!.start(plan, ticket);
  expect(await open.migration!.statistics!(id)).toMatchObject({ memoryTotalBytes: gibibytes(1) });
  await expect(open.power.kill(id)).rejects.toMatchObject({ code: 'MACHINE.BUSY', retryable: true });
  expect(await task.result()).toMatchObject({ host: 'host-2', state: 'running' });

  const other = await driver.open({ target: 'memory://' });
  const machine = await open.machines.get(id);
  const away = { machine: id, mode: 'live' as const, disks: [{ disk: machine.disks[0]!.id, pool: MAIN }] };
  const there = await other.migration!.prepare(away, await open.migration!.describe(away));
  const aborted = await open.migration!.start(away, there);
  await aborted.cancel();
  await expect(aborted.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  expect((await open.machines.get(id)).busy).toBeUndefined();
  await (await open.migration!.start(away, there)).result();
  await expect(open.machines.get(id)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
  expect(await open.volumes.list(MAIN).all()).toEqual([]);
  expect(text((await other.guest!.exec!(id, { path: 'cat', args: ['/data/boots'] })).stdout)).toBe('1');
  await other.close();
});

test('an image is fetched once, and kept while something continues it', async () => {
  let opened = 0;
  const source = rawSource(Buffer.alloc(100_000, 'image'));
  const counted = { ...source, open: () => ((opened += 1), source.open()) };
  const [one, two] = await Promise.all([open.images!.ensure(MAIN, counted), open.images!.ensure(MAIN, counted)]);
  const image = await one.result();
  expect(await two.result()).toEqual(image);
  expect(opened).toBe(1);
  const clone = await open.volumes.createFromVolume!({ pool: MAIN, name: 'c', source: image.volume, mode: 'linked' });
  await clone.result();
  expect(await open.images!.list(MAIN).all()).toMatchObject([{ users: 1 }]);
  await expect(open.images!.remove(MAIN, image.checksum)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
  const wrong = { ...source, checksum: { algorithm: 'sha256' as const, hex: '0'.repeat(64) } };
  await expect((await open.images!.ensure(MAIN, wrong)).result()).rejects.toMatchObject({
    code: 'IMAGE.CHECKSUM_MISMATCH',
  });
});

test('a host goes into maintenance and its machines move away', async () => {
  const { id } = await runningMachine('busy', { host: hostId('host-1') });
  await expect(open.maintenance!.enter(hostId('host-1'))).rejects.toMatchObject({ code: 'HOST.WRONG_STATE' });
  await (await open.maintenance!.enter(hostId('host-1'), { evacuate: true })).result();
  expect((await open.machines.get(id)).host).toBe('host-2');
  await (await open.maintenance!.rebootHost!(hostId('host-1'))).result();
  await (await open.maintenance!.leave(hostId('host-1'))).result();
  expect((await open.hosts.get(hostId('host-1'))).state).toBe('ready');
});

test('a locked volume keeps its machine from starting', async () => {
  const key = new Secret('correct');
  const volume = await open.encryption!.createVolume!({ pool: MAIN, name: 'vault', sizeBytes: mebibytes(1) }, key);
  const machine = await newMachine(open, 'guarded', { disks: [{ volume: volume.id }] });
  await expect(open.power.start(machine.id)).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
  await expect(open.encryption!.unlockVolume!(volume.id, new Secret('wrong'))).rejects.toMatchObject({
    code: 'ACCESS.DENIED',
  });
  await open.encryption!.unlockVolume!(volume.id, key);
  await open.power.start(machine.id);
  await expect(open.encryption!.lockVolume!(volume.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
});

test('remote volumes attach once, grow, swap and detach', async () => {
  const { id } = await runningMachine();
  const connection = {
    protocol: 'iscsi' as const,
    portals: [{ host: 'a.example', port: 3260 }],
    target: 'iqn.x',
    lun: 1,
  };
  const secret = { ...connection, chap: { user: 'u', password: new Secret('hidden') } };
  const disk = await open.remoteVolumes!.attach(id, secret, { serial: 'far' });
  expect(await open.remoteVolumes!.attach(id, connection, { serial: 'far' })).toEqual(disk);
  await open.remoteVolumes!.extend!(id, disk.id, gibibytes(2));
  const swapped = await open.remoteVolumes!.swap!(id, disk.id, { ...connection, lun: 2 });
  expect(await swapped.result()).toMatchObject({ id: disk.id, sizeBytes: gibibytes(2) });
  await open.remoteVolumes!.detach(id, disk.id);
  expect(await lineOnConsole(id, 'GUEST: gone disk:vdb')).toContain('GUEST: changed disk:vdb');
  const lost = { ...connection, portals: [{ host: 'nowhere.invalid', port: 3260 }] };
  await expect(open.remoteVolumes!.attach(id, lost, {})).rejects.toMatchObject({ code: 'POOL.UNAVAILABLE' });
});

test('an object of a pool attaches once and is no volume', async () => {
  const { id, disks } = await newMachine(open, 'one');
  const object = { pool: MAIN, object: 'theirs' };
  const disk = await open.remoteVolumes!.attachObject!(id, object, {});
  expect(disk.volume).toBeUndefined();
  expect(await open.remoteVolumes!.attachObject!(id, object, {})).toEqual(disk);
  const elsewhere = { ...object, pool: poolId('no-such-pool') };
  await expect(open.remoteVolumes!.attachObject!(id, elsewhere, {})).rejects.toMatchObject({ code: 'POOL.NOT_FOUND' });
  await open.remoteVolumes!.detach(id, disk.id);
  expect((await open.machines.get(id)).disks).toEqual(disks);
});

test('devices, shares, counters, screenshot and core file', async () => {
  const { id, nics } = await runningMachine('all', { host: hostId('host-1'), nics: [{ network: LAN }] });
  const [device] = await open.passthrough!.list(hostId('host-1')).all();
  await open.passthrough!.attach(id, device!.id);
  await open.passthrough!.attach(id, device!.id);
  await open.passthrough!.detach(id, device!.id);
  await open.shares!.attach(id, { tag: 'src', hostPath: '/srv', readOnly: true });
  await expect(open.shares!.attach(id, { tag: 'src', hostPath: '/opt', readOnly: true })).rejects.toMatchObject({
    code: 'REQUEST.CONFLICT',
  });
  expect(await open.diagnostics!.counters!(id)).toMatchObject({ nics: [{ nic: nics[0]!.id }] });
  expect(text((await open.diagnostics!.screenshot!(id)).data.subarray(0, 2))).toBe('P6');
  let size = 0;
  for await (const chunk of open.diagnostics!.crashDump!(id)) size += chunk.length;
  expect(size).toBeGreaterThan(100);
  expect((await open.machines.get(id)).state).toBe('running');
});

test('the agent answers, and says what it does not do', async () => {
  const { id } = await runningMachine();
  const quiet = await open.guest!.quiesce!(id);
  await expect(open.guest!.exec!(id, { path: 'true' })).rejects.toMatchObject({ code: 'GUEST.REFUSED' });
  await quiet.thaw();
  expect(await open.guest!.exec!(id, { path: 'false' })).toMatchObject({ exitCode: 1 });
  await expect(open.guest!.setPassword!(id, 'nobody', new Secret('x'))).rejects.toMatchObject({
    code: 'GUEST.REFUSED',
  });
  const mute = await newMachine(open, 'mute', { extensions: { memory: { agent: false } } });
  await open.power.start(mute.id);
  await expect(open.guest!.ping!(mute.id)).rejects.toMatchObject({ code: 'GUEST.UNAVAILABLE', retryable: true });
  await expect(open.guest!.ping!((await newMachine(open, 'off')).id)).rejects.toMatchObject({
    code: 'MACHINE.WRONG_STATE',
  });
});

test('tasks outlive the session that started them', async () => {
  const world = createWorld();
  const first = await driver.open({ target: 'memory://', options: { world } });
  const task = await first.volumes.createFromContent!({
    pool: MAIN,
    name: 'v',
    content: rawSource(new Uint8Array(1_000_000)),
  });
  await first.close();
  const second = await driver.open({ target: 'memory://', options: { world } });
  expect(await (await second.tasks!.get(task.id)).result()).toMatchObject({ name: 'v' });
  expect(await second.tasks!.list!().all()).toMatchObject([{ id: task.id, state: 'succeeded' }]);
  await second.close();
});
