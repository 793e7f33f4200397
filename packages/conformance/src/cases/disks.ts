import {
  bitsPerSecond,
  diskId,
  machineId,
  operationsPerSecond,
  sameVolume,
  type Disk,
  type MachineId,
} from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import { formatAmong } from '../bench/formats.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';
import { runningDisks } from './disks-running.js';

const disksOf = async ({ driver, call }: Bench, id: MachineId): Promise<readonly Disk[]> =>
  (await driver.machines.get(id, call)).disks;

const stoppedDisks: readonly ConformanceCase[] = [
  {
    id: 'disks/disk-knows-its-volume',
    title: 'An attached disk tells its volume, size and defaults, and the volume tells the machine.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const volume = await bench.volume();
      const { id } = await bench.machine();
      const disk = await bench.driver.disks.attach(id, { volume: volume.id }, bench.call);
      assert.ok(disk.volume && sameVolume(disk.volume, volume.id), 'the disk names another volume');
      expectEqual([disk.device, disk.readOnly, disk.shared], ['disk', false, false]);
      if (disk.sizeBytes !== undefined) assert.equal(disk.sizeBytes, volume.sizeBytes);
      expectEqual(await disksOf(bench, id), [disk]);
      expectEqual((await bench.driver.volumes.get(volume.id, bench.call)).attachedTo, [id]);
    },
  },
  {
    id: 'disks/order-is-kept',
    title: 'Disks stay in the order in which they were given and attached, over a start too.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call } = bench;
      const volumes = [await bench.volume(), await bench.volume(), await bench.volume()];
      const { id } = await bench.machine({ disks: volumes.slice(0, 2).map((volume) => ({ volume: volume.id })) });
      await driver.disks.attach(id, { volume: (volumes[2] as (typeof volumes)[0]).id }, call);
      const keys = async (): Promise<readonly unknown[]> => (await disksOf(bench, id)).map(({ volume }) => volume?.key);
      const wanted = volumes.map((volume) => volume.id.key);
      expectEqual(await keys(), wanted);
      await driver.power.start(id, call);
      expectEqual(await keys(), wanted);
    },
  },
  {
    id: 'disks/serial-is-kept',
    title: 'The serial of a disk is what was given.',
    requires: ['disks.serial'],
    deadlineSeconds: 20,
    async run(bench) {
      const [first, second] = [await bench.volume(), await bench.volume()];
      const { id, disks } = await bench.machine({ disks: [{ volume: first.id, serial: 'ROOT_disk-0' }] });
      assert.equal(disks[0]?.serial, 'ROOT_disk-0');
      const attached = await bench.driver.disks.attach(id, { volume: second.id, serial: 'x'.repeat(20) }, bench.call);
      assert.equal(attached.serial, 'x'.repeat(20));
      expectEqual(
        (await disksOf(bench, id)).map(({ serial }) => serial),
        ['ROOT_disk-0', 'x'.repeat(20)],
      );
    },
  },
  {
    id: 'disks/read-only-is-kept',
    title: 'A disk that was attached read-only is so.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const volume = await bench.volume();
      const { id } = await bench.machine();
      assert.equal(
        (await bench.driver.disks.attach(id, { volume: volume.id, readOnly: true }, bench.call)).readOnly,
        true,
      );
      assert.equal((await disksOf(bench, id))[0]?.readOnly, true);
    },
  },
  {
    id: 'disks/attach-twice-is-one',
    title: 'Attaching the same volume in the same way again returns the disk that is there.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id: volume } = await bench.volume();
      const { id } = await bench.machine();
      const first = await bench.driver.disks.attach(id, { volume }, bench.call);
      expectEqual(await bench.driver.disks.attach(id, { volume }, bench.call), first);
      assert.equal((await disksOf(bench, id)).length, 1);
    },
  },
  {
    id: 'disks/attach-differently-conflicts',
    title: 'Attaching a volume that the machine has attached in another way is DISK.CONFLICT and changes nothing.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id: volume } = await bench.volume();
      const { id, disks } = await bench.machine({ disks: [{ volume }] });
      await expectError(bench.driver.disks.attach(id, { volume, readOnly: true }, bench.call), 'DISK.CONFLICT');
      expectEqual(await disksOf(bench, id), disks);
    },
  },
  {
    id: 'disks/volume-of-another-is-refused',
    title: 'Attaching a volume that another machine has is VOLUME.IN_USE and changes nothing.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id: volume } = await bench.volume();
      const owner = await bench.machine({ disks: [{ volume }] });
      const { id } = await bench.machine();
      await expectError(bench.driver.disks.attach(id, { volume }, bench.call), 'VOLUME.IN_USE');
      expectEqual(await disksOf(bench, id), []);
      assert.equal((await disksOf(bench, owner.id)).length, 1);
    },
  },
  {
    id: 'disks/several-machines-share',
    title: 'A shared disk may be attached to two machines, and the volume tells both.',
    requires: ['disks.multiAttach'],
    deadlineSeconds: 20,
    async run(bench) {
      const format = formatAmong(bench.pool, 'raw');
      const { id: volume } = await bench.volume({ provisioning: 'thick', ...(format && { format }) });
      const [a, b] = [await bench.machine({ disks: [{ volume, shared: true }] }), await bench.machine()];
      assert.equal((await bench.driver.disks.attach(b.id, { volume, shared: true }, bench.call)).shared, true);
      const { attachedTo } = await bench.driver.volumes.get(volume, bench.call);
      expectEqual(new Set(attachedTo), new Set([a.id, b.id]));
    },
  },
  {
    id: 'disks/unknown-things-are-not-found',
    title: 'An unknown machine is MACHINE.NOT_FOUND and an unknown volume is VOLUME.NOT_FOUND.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { disks, volumes },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const nobody = machineId('no-such-machine-9f2c');
      await expectError(disks.attach(nobody, { volume }, call), 'MACHINE.NOT_FOUND');
      await expectError(disks.detach(nobody, diskId('any'), call), 'MACHINE.NOT_FOUND');
      const { id } = await bench.machine();
      await volumes.delete(volume, call);
      await expectError(disks.attach(id, { volume }, call), 'VOLUME.NOT_FOUND');
      if (disks.changeMedium) await expectError(disks.changeMedium(id, diskId('any'), null, call), 'DISK.NOT_FOUND');
    },
  },
  {
    id: 'disks/detach-stopped',
    title: 'A detached disk is gone, the others stay, and its volume is free and intact.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const [first, second] = [await bench.volume(), await bench.volume()];
      const { id, disks } = await bench.machine({ disks: [{ volume: first.id }, { volume: second.id }] });
      await driver.disks.detach(id, (disks[0] as Disk).id, call);
      expectEqual(await disksOf(bench, id), disks.slice(1));
      expectEqual((await driver.volumes.get(first.id, call)).attachedTo, []);
    },
  },
  {
    id: 'disks/media',
    title: 'A media drive takes a medium, another one, and none; a disk that is no media drive is DISK.CONFLICT.',
    requires: ['disks.media'],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { disks: members },
        call,
      } = bench;
      const format = formatAmong(bench.pool, 'raw', 'iso');
      const medium = () => bench.volume(format && { format });
      const [first, second, plain] = [await medium(), await medium(), await bench.volume()];
      const { id, disks } = await bench.machine({ disks: [{ volume: plain.id }, { device: 'media', bus: 'sata' }] });
      const drive = disks.find(({ device }) => device === 'media') as Disk;
      expectEqual([drive.volume, drive.readOnly], [undefined, true]);
      for (const wanted of [first.id, second.id, second.id, null, null]) {
        const { volume } = (await members.changeMedium?.(id, drive.id, wanted, call)) as Disk;
        assert.equal(volume?.key, wanted?.key);
      }
      const other = disks.find(({ device }) => device === 'disk') as Disk;
      await expectError(Promise.resolve(members.changeMedium?.(id, other.id, null, call)), 'DISK.CONFLICT');
    },
  },
  {
    id: 'disks/limits',
    title: 'Limits of a disk are set, told, changed and removed.',
    requires: ['disks.throughputLimit'],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const { id: volume } = await bench.volume();
      const limits = { throughput: bitsPerSecond(80_000_000), operations: operationsPerSecond(500) };
      const { id, disks } = await bench.machine({ disks: [{ volume, limits }] });
      expectEqual(disks[0]?.limits, limits);
      const { id: disk } = disks[0] as Disk;
      const changed = await driver.disks.setLimits?.(id, disk, { operations: operationsPerSecond(100) }, call);
      expectEqual(changed?.limits, { operations: 100n });
      const removed = await driver.disks.setLimits?.(id, disk, {}, call);
      expectEqual([removed?.limits ?? {}, (await disksOf(bench, id))[0]?.limits ?? {}], [{}, {}]);
    },
  },
];

export const disks: readonly ConformanceCase[] = [...stoppedDisks, ...runningDisks];
