import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mebibytes, type Machine } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { makingsOf } from '../makings.js';
import { witnessedCenter } from '../simulated-center.js';

const center = await witnessedCenter();
afterAll(() => center?.stop());

describeWith('disks of machines with snapshots', center, (center) => {
  const { driver, proxy, peer, witness } = center;
  const { machines, volumes, disks, snapshots } = driver;
  if (!snapshots) throw new Error('The driver has no snapshots.');
  const makings = makingsOf(driver);
  afterEach(() => makings.removeAll());

  /** The files that another client, through the same proxy, sees behind the machine's disks. */
  const filesOf = async ({ name }: Machine): Promise<readonly string[]> => {
    const devices = await peer.govc(['device.info', '-json', '-vm', name, 'disk-*'], { url: proxy.url });
    return [...devices.matchAll(/"fileName": "[^"]*\/([^"/]+)"/g)].map(([, file = '']) => file);
  };
  const volumesOf = async ({ id }: Machine) => (await machines.get(id)).disks.map(({ volume }) => volume);

  test('a disk is its volume, whatever is taken, reverted to and deleted', async () => {
    const volume = await makings.volume('kept');
    const machine = await makings.machine('snapped', volume);
    const [before] = (await machines.get(machine.id)).disks;
    const stays = async () => {
      const now = await machines.get(machine.id);
      expect(now.disks).toEqual([before]);
      expect((await volumes.get(volume.id)).attachedTo).toEqual([machine.id]);
    };
    const passing = await snapshots.create(machine.id, { name: 'passing' });
    expect(await filesOf(machine)).toEqual(['kept-000001.vmdk', 'kept.vmdk']);
    await stays();
    await snapshots.delete(machine.id, passing.id);
    expect(await filesOf(machine)).toEqual(['kept.vmdk']);
    await stays();
    const first = await snapshots.create(machine.id, { name: 'first' });
    const second = await snapshots.create(machine.id, { name: 'second' });
    expect(await filesOf(machine)).toEqual(['kept-000002.vmdk', 'kept-000001.vmdk', 'kept.vmdk']);
    await stays();
    await snapshots.revert?.(machine.id, first.id);
    expect(await filesOf(machine)).toEqual(['kept-000003.vmdk', 'kept.vmdk']);
    await stays();
    // The files of snapshots are no volumes.
    expect((await volumes.list(volume.id.pool).all()).map(({ name }) => name)).toEqual(['kept']);
    // The last that is deleted: this simulator may delete a disk with the next. govmomi simulator/snapshot.go
    await snapshots.delete(machine.id, second.id);
    await stays();
  });

  test('what snapshots block names the one that the machine continues from', async () => {
    const [volume, later] = [await makings.volume('blocked'), await makings.volume('later')];
    const machine = await makings.machine('blocking', volume);
    await snapshots.create(machine.id, { name: 'first' });
    const { id: heldBy } = await snapshots.create(machine.id, { name: 'second' });
    await expect(volumes.grow(volume.id, mebibytes(4))).rejects.toMatchObject({ code: 'SNAPSHOT.BLOCKS', heldBy });
    const [disk] = machine.disks;
    if (disk)
      await expect(disks.detach(machine.id, disk.id)).rejects.toMatchObject({ code: 'SNAPSHOT.BLOCKS', heldBy });
    expect(await volumesOf(machine)).toEqual([volume.id]);
    // A disk that came after the snapshots is in none of them.
    const free = await disks.attach(machine.id, { volume: later.id });
    expect((await volumes.grow(later.id, mebibytes(4))).sizeBytes).toBe(mebibytes(4));
    await disks.detach(machine.id, free.id);
    // Attaching what is attached is no second attachment, and nobody else gets it.
    expect(await disks.attach(machine.id, { volume: volume.id })).toMatchObject({ id: disk?.id });
    const other = await makings.machine('other');
    await expect(disks.attach(other.id, { volume: volume.id })).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
  });

  test('a copy is of what the guest reads: of all files together, and of none that is being written', async () => {
    const volume = await makings.volume('source');
    const machine = await makings.machine('copied', volume);
    await snapshots.create(machine.id, { name: 'first' });
    const copy = async (name: string) =>
      (await volumes.createFromVolume?.({ pool: volume.id.pool, name, source: volume.id }))?.result();
    const sources: string[] = [];
    const end = proxy.faults.everyCall(({ method, operation }) => {
      const source = operation.children.find((part) => part.name === 'sourceName')?.text;
      if (method === 'CopyVirtualDisk_Task' && source !== undefined) sources.push(source);
      return undefined;
    });
    const copied = await copy('copy');
    end();
    if (copied) makings.later(() => volumes.delete(copied.id));
    expect(sources).toEqual(['[LocalDS_0] virt-drivers/source/source-000001.vmdk']);
    await driver.power.start(machine.id);
    await expect(copy('hot')).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: machine.id });
  });

  test('a machine with snapshots goes with the volumes that were named, and no file of theirs stays', async () => {
    const volume = await makings.volume('leaving');
    const machine = await makings.machine('left', volume);
    await snapshots.create(machine.id, { name: 'first' });
    await machines.delete(machine.id, { withVolumesOf: machine.disks.map(({ id }) => id) });
    expect((await witness()).files.filter((file) => file.includes('leaving'))).toEqual([]);
  });
});
