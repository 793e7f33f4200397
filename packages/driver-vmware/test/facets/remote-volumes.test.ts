import { afterAll, afterEach, expect, test } from '@jest/globals';
import { bytes, poolId } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { DISK_BYTES, nfsExport } from '@virt-drivers/vcsim-proxy';
import { machinesOf, remoteVolumesOf, traces } from '../remote-world.js';
import { witnessedCenter } from '../simulated-center.js';

const center = await witnessedCenter({ poweredOn: false });
const nfs = await nfsExport(['one', 'two']);
afterAll(async () => {
  await center?.stop();
  await nfs.remove();
});

describeWith('files and disk objects of others', center, (center) => {
  const { driver, proxy, peer, witness } = center;
  const facet = remoteVolumesOf(driver);
  const machines = machinesOf(center);
  const { stores, notes, govc } = traces(center);
  proxy.settings.exports = [nfs];
  afterEach(async () => {
    await machines.removeAll();
    expect(await stores()).toEqual(['LocalDS_0']);
    expect(await notes()).toBe(0);
    expect(await nfs.files()).toEqual(['one-flat.vmdk', 'one.vmdk', 'two-flat.vmdk', 'two.vmdk']);
    expect(proxy.refused).toEqual([]);
  });
  const filesOf = async ({ id }: { readonly id: string }) =>
    (await witness()).machines.find(({ uuid }) => uuid === id)?.files;

  test('a file of an export: all hosts of the cluster have the export, for as long as a machine has a file of it', async () => {
    const machine = await machines.make('DC0_C0');
    const disk = await facet.attach(machine.id, nfs.connection('one'), {});
    expect(disk).toMatchObject({ device: 'disk', sizeBytes: DISK_BYTES, readOnly: false });
    expect(disk.volume).toBeUndefined();
    const [ours = ''] = (await stores()).filter((name) => name !== 'LocalDS_0');
    expect(ours).toMatch(/^vd-remote-/);
    expect(await filesOf(machine)).toEqual([`[${ours}] one.vmdk`]);
    const mounts = await govc('object.collect', '-json', `/DC0/datastore/${ours}`, 'host');
    expect(mounts.match(/"type":\s*"HostSystem"/g)).toHaveLength(3);
    // It is no pool, and nothing of it is a volume.
    expect((await driver.volumes.pools().all()).map(({ name }) => name)).toEqual(['LocalDS_0']);
    const other = await facet.attach(machine.id, nfs.connection('two'), {});
    await facet.detach(machine.id, disk.id);
    expect(await stores()).toContain(ours);
    await driver.disks.detach(machine.id, other.id);
    expect(await stores()).toEqual(['LocalDS_0']);
  });

  test('a machine that is deleted takes leave of all that it had', async () => {
    const [near, far] = [await machines.make('DC0_C0'), await machines.make('DC0_H0')];
    await driver.power.start(near.id);
    await facet.attach(near.id, nfs.connection('one'), { shared: true });
    await facet.attach(far.id, nfs.connection('one'), { shared: true });
    await driver.machines.delete(near.id, { kill: true });
    expect(await stores()).toHaveLength(2);
    expect(await filesOf(far)).toHaveLength(1);
    await driver.machines.delete(far.id);
    expect(await stores()).toEqual(['LocalDS_0']);
  });

  test('what is not there, or no disk, is said, and nothing is left', async () => {
    const { id } = await machines.make('DC0_H0');
    const gone = { ...nfs.connection('one'), file: 'three.vmdk' };
    await expect(facet.attach(id, gone, {})).rejects.toMatchObject({
      code: 'VOLUME.NOT_FOUND',
      stateAfter: 'unchanged',
    });
    expect(await stores()).toEqual(['LocalDS_0']);
    const elsewhere = { ...nfs.connection('one'), exportPath: '/nowhere' };
    await expect(facet.attach(id, elsewhere, {})).rejects.toMatchObject({ code: 'POOL.UNAVAILABLE' });
    const needs = { code: 'CAPABILITY.CONDITION_UNMET', condition: { needs: 'volume-format' } };
    await expect(facet.attach(id, { ...gone, file: '../one.vmdk' }, {})).rejects.toMatchObject(needs);
    await expect(facet.attach(id, { ...gone, file: 'one.img', format: 'raw' }, {})).rejects.toMatchObject(needs);
    const nbd = { protocol: 'nbd', server: { host: '192.0.2.1', port: 1 } } as const;
    await expect(facet.attach(id, nbd, {})).rejects.toMatchObject({ code: 'CAPABILITY.ABSENT' });
  });

  test('a first class disk that somebody else made goes to one machine, and stays when that is deleted', async () => {
    const object = (await peer.govc(['disk.create', '-ds', 'LocalDS_0', '-size', '10M', 'theirs'])).trim();
    const [pool] = await driver.volumes.pools().all();
    const named = { pool: pool?.id ?? poolId(''), object };
    const [one, two] = [await machines.make('DC0_H0'), await machines.make('DC0_C0')];
    const disk = await facet.attachObject(one.id, named, {});
    expect(disk).toMatchObject({ device: 'disk', sizeBytes: 10n * 1_048_576n });
    expect(disk.volume).toBeUndefined();
    expect(await facet.attachObject(one.id, named, {})).toEqual(disk);
    expect(await filesOf(one)).toEqual([expect.stringContaining('[LocalDS_0] fcd/')]);
    await expect(facet.attachObject(two.id, named, {})).rejects.toMatchObject({
      code: 'VOLUME.IN_USE',
      heldBy: one.id,
    });
    await expect(facet.extend(one.id, disk.id, bytes(DISK_BYTES))).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
    });
    const [file = ''] = (await filesOf(one)) ?? [];
    await facet.detach(one.id, disk.id);
    const volume = { pool: named.pool, key: file.replace('[LocalDS_0] ', '') };
    const plain = await driver.disks.attach(one.id, { volume });
    await expect(facet.attachObject(two.id, named, {})).rejects.toMatchObject({
      code: 'VOLUME.IN_USE',
      heldBy: one.id,
    });
    await driver.disks.detach(one.id, plain.id);
    await facet.attachObject(two.id, named, {});
    await driver.machines.delete(two.id);
    expect(await peer.govc(['disk.ls', '-ds', 'LocalDS_0'])).toContain(object);
    const unknown = { ...named, object: 'no-such-object' };
    await expect(facet.attachObject(one.id, unknown, {})).rejects.toMatchObject({ code: 'VOLUME.NOT_FOUND' });
  });
});
