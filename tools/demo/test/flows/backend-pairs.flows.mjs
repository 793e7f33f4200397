import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, openImageCache } from '@virt-drivers/compute';
import { mebibytes, poolId } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { volumesOf } from '../real-guest.mjs';
import { filling, stillSpec } from './still-instance.mjs';
import { startCephHosts, startLogicalHost, stopAll } from './storage-hosts.mjs';

const real = await requirePeer(async () => {
  const network = await startCephHosts('pairs-a', 'pairs-b');
  try {
    const logical = await startLogicalHost('machines', 'others');
    return { peers: [...network.peers, ...logical.peers], hosts: [...network.hosts, ...logical.hosts] };
  } catch (error) {
    await stopAll(network.peers);
    throw error;
  }
});

const KINDS = ['raw', 'qcow2', 'parallels', 'logical', 'network'];
/**
 * Where the disks of one instance go, stop after stop: host, pool, format and kind. By bytes, or by handing them over,
 * where the host changes; else each disk is swapped. Every kind follows every kind.
 */
const JOURNEY = [
  ['l', 'default', 'raw', 'raw'],
  ['a', 'default', 'raw', 'raw'],
  ['l', 'machines', 'raw', 'logical'],
  ['l', 'others', 'raw', 'logical'],
  ['a', 'ceph', 'raw', 'network'],
  ['b', 'ceph', 'raw', 'network'],
  ['l', 'machines', 'raw', 'logical'],
  ['a', 'default', 'raw', 'raw'],
  ['a', 'default', 'qcow2', 'qcow2'],
  ['l', 'machines', 'raw', 'logical'],
  ['l', 'default', 'qcow2', 'qcow2'],
  ['a', 'default', 'qcow2', 'qcow2'],
  ['a', 'ceph', 'raw', 'network'],
  ['a', 'default', 'qcow2', 'qcow2'],
  ['b', 'ceph', 'raw', 'network'],
  ['l', 'default', 'raw', 'raw'],
  ['a', 'ceph', 'raw', 'network'],
  ['a', 'default', 'raw', 'raw'],
  ['b', 'default', 'raw', 'raw'],
  ['b', 'default', 'qcow2', 'qcow2'],
  ['b', 'default', 'raw', 'raw'],
  ['b', 'default', 'parallels', 'parallels'],
  ['b', 'default', 'qcow2', 'qcow2'],
  ['b', 'default', 'parallels', 'parallels'],
  ['a', 'ceph', 'raw', 'network'],
  ['a', 'default', 'parallels', 'parallels'],
  ['l', 'machines', 'raw', 'logical'],
  ['l', 'default', 'parallels', 'parallels'],
  ['b', 'default', 'parallels', 'parallels'],
  ['b', 'default', 'raw', 'raw'],
];
const LEGS = JOURNEY.slice(1).map((stop, index) => [...JOURNEY[index], ...stop]);

/** What each disk holds in so many bytes as it had first: a logical volume rounds up. The machine is off. */
async function sumsOf({ driver, compute }, instanceId, lengths) {
  const { record } = await compute.show(instanceId);
  const sums = {};
  for (const { role, serial, volume } of record.disks) {
    const hash = createHash('sha256');
    let size = 0;
    const id = { pool: poolId(volume.pool), key: volume.key };
    for await (const piece of driver.volumes.export(id, { format: 'raw' })) {
      hash.update(piece.subarray(0, Math.max(0, (lengths[serial] ?? Infinity) - size)));
      size += piece.length;
    }
    lengths[serial] ??= size;
    expect(size).toBeGreaterThanOrEqual(lengths[serial]);
    sums[`${role} ${serial}`] = hash.digest('hex');
  }
  return sums;
}

const travelSpec = (format) =>
  stillSpec({
    root: { sizeBytes: mebibytes(8), format },
    ephemerals: [{ sizeBytes: mebibytes(4), format }],
    swap: { sizeBytes: mebibytes(4), format },
    configDrive: { metadata: { purpose: 'travel' } },
    start: false,
  });

describeWith('disks that go from every backend to every other', real, ({ peers, hosts }) => {
  const sides = {};
  const lengths = {};
  const spec = travelSpec('raw');
  const { instanceId } = spec;
  let directory;
  let before;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-pairs-'));
    const gate = { cache: await openImageCache(directory) };
    for (const [index, name] of ['a', 'b', 'l'].entries()) {
      const driver = filling(await libvirt.open(hosts[index]));
      sides[name] = { driver, compute: createCompute(driver, { gate }) };
    }
    await sides.l.compute.spawn(spec);
    before = await sumsOf(sides.l, instanceId, lengths);
  });
  afterAll(async () => {
    await Promise.all(Object.values(sides).map(({ driver }) => driver.close()));
    await stopAll(peers);
    if (directory) await rm(directory, { recursive: true });
  });

  it('leave no pair out', () => {
    const pairs = new Set(LEGS.map(([, , , from, , , , to]) => `${from} ${to}`));
    expect([...pairs].sort()).toEqual(KINDS.flatMap((from) => KINDS.map((to) => `${from} ${to}`)).sort());
  });

  async function swapAll({ compute }, pool, format) {
    const { record } = await compute.show(instanceId);
    for (const { role, volume } of record.disks) {
      if (role === 'config') continue;
      const id = { pool: poolId(volume.pool), key: volume.key };
      await compute.swapVolume(instanceId, id, { pool: poolId(pool), format });
    }
  }

  it.each(LEGS)('from %s %s (%s, %s) to %s %s (%s, %s): byte for byte', async (from, ...rest) => {
    const [, , , to, pool, format] = rest;
    const there = sides[to];
    if (from === to) await swapAll(there, pool, format);
    else {
      await sides[from].compute.coldMigrate(instanceId, there.driver, { pool: poolId(pool) });
      expect(await sides[from].driver.machines.find({ recordOwner: instanceId })).toBeUndefined();
    }
    const { record } = await there.compute.show(instanceId);
    const disks = record.disks.filter(({ role }) => role !== 'config');
    expect(disks.map((disk) => [disk.volume.pool, disk.format])).toEqual(disks.map(() => [pool, format]));
    expect(await sumsOf(there, instanceId, lengths)).toEqual(before);
    // Each volume is one of the instance's, and there are no others.
    for (const [name, { driver }] of Object.entries(sides)) {
      const seen = record.disks.filter((disk) => name === to || (name !== 'l' && disk.pool === 'ceph'));
      const count = (await volumesOf(driver, instanceId)).length;
      expect({ name, count }).toEqual({ name, count: seen.length });
    }
  });

  it('go with a running instance from files to Ceph, and on to another host of its', async () => {
    const running = travelSpec('qcow2');
    const id = running.instanceId;
    const { machine } = await sides.a.compute.spawn(running);
    const held = {};
    const atFirst = await sumsOf(sides.a, id, held);
    await sides.a.driver.power.start(machine.id);
    await sides.a.compute.migrate(id, sides.b.driver, { pool: poolId('ceph') });
    const inCeph = await sides.b.compute.show(id);
    expect(inCeph.machine.state).toBe('running');
    expect(inCeph.record.disks.map(({ volume }) => volume.pool)).toEqual(Array(4).fill('ceph'));
    await sides.b.compute.migrate(id, sides.a.driver);
    const back = await sides.a.compute.show(id);
    expect(back.machine.state).toBe('running');
    expect(back.record.disks.map(({ volume }) => volume)).toEqual(inCeph.record.disks.map(({ volume }) => volume));
    await sides.a.driver.power.kill(back.machine.id);
    expect(await sumsOf(sides.a, id, held)).toEqual(atFirst);
    await sides.a.compute.destroy(id);
    for (const { driver } of Object.values(sides)) expect(await volumesOf(driver, id)).toEqual([]);
  });

  it('are gone with the instance', async () => {
    await sides.b.compute.destroy(instanceId);
    for (const { driver } of Object.values(sides)) expect(await volumesOf(driver, instanceId)).toEqual([]);
  });
});
