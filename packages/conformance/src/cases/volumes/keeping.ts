import { mebibytes, sameVolume } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';
import { GUEST_SAYS } from '../../guest/test-guest.js';

export const keepingVolumes: readonly ConformanceCase[] = [
  {
    id: 'volumes/id-is-stable',
    title: 'The id of a volume stays the same when it grows, is attached and is freed again.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes, machines },
        call,
      } = bench;
      const { id, name } = await bench.volume();
      await volumes.grow(id, mebibytes(2), call);
      const machine = await bench.machine({ disks: [{ volume: id }] });
      const attached = await volumes.get(id, call);
      expectEqual([attached.id, attached.name, attached.attachedTo], [id, name, [machine.id]]);
      await machines.delete(machine.id, {}, call);
      const found = await volumes.find({ pool: bench.pool.id, name }, call);
      assert.ok(found && sameVolume(found.id, id), 'the volume has another id now');
    },
  },
  {
    id: 'volumes/grow',
    title: 'A volume grows, and the next get tells the new size.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const { id } = await bench.volume();
      assert.equal((await volumes.grow(id, mebibytes(7), call)).sizeBytes, mebibytes(7));
      assert.equal((await volumes.get(id, call)).sizeBytes, mebibytes(7));
    },
  },
  {
    id: 'volumes/shrink-is-refused',
    title: 'Growing to less is VOLUME.CANNOT_SHRINK, and the volume keeps its size.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const { id, sizeBytes } = await bench.volume({ sizeBytes: mebibytes(4) });
      await expectError(volumes.grow(id, mebibytes(2), call), 'VOLUME.CANNOT_SHRINK');
      assert.equal((await volumes.get(id, call)).sizeBytes, sizeBytes);
    },
  },
  {
    id: 'volumes/grow-online',
    title: 'A volume grows while its machine runs, and the guest sees the new size.',
    requires: ['volumes.growOnline', 'disks.attachRunning', 'disks.detachRunning'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        driver: { volumes, disks },
        call,
      } = bench;
      const { machine, says } = await bench.sharedGuest();
      const { id } = await bench.volume();
      const disk = await disks.attach(machine.id, { volume: id }, call);
      await says?.next('the guest to see the disk', (line) => GUEST_SAYS.cameDisk.test(line));
      assert.equal((await volumes.grow(id, mebibytes(8), call)).sizeBytes, mebibytes(8));
      const size = String(mebibytes(8));
      await says?.next('the guest to see the new size', (line) => GUEST_SAYS.changedDisk.exec(line)?.[1] === size);
      await disks.detach(machine.id, disk.id, call);
    },
  },
  {
    id: 'volumes/delete-removes-it',
    title: 'A deleted volume is neither read, found nor listed any more, and its name is free.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes },
        call,
        pool,
      } = bench;
      const { id, name } = await bench.volume();
      await volumes.delete(id, call);
      await expectError(volumes.get(id, call), 'VOLUME.NOT_FOUND');
      assert.equal(await volumes.find({ pool: pool.id, name }, call), undefined);
      await bench.volume({ name });
    },
  },
  {
    id: 'volumes/delete-of-attached-is-refused',
    title: 'Deleting a volume that a machine has attached is VOLUME.IN_USE, stopped or running.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { volumes, power },
        call,
      } = bench;
      const { id } = await bench.volume();
      const machine = await bench.machine({ disks: [{ volume: id }] });
      await expectError(volumes.delete(id, call), 'VOLUME.IN_USE');
      await power.start(machine.id, call);
      await expectError(volumes.delete(id, call), 'VOLUME.IN_USE');
      expectEqual((await volumes.get(id, call)).attachedTo, [machine.id]);
    },
  },
  {
    id: 'volumes/snapshot-of-one-volume',
    title: 'A point in time of one volume is taken, listed and deleted, and the volume stays.',
    requires: ['volumes.snapshotVolume'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const { id } = await bench.volume();
      const taken = await volumes.snapshotVolume?.(id, 'first <point>', call);
      assert.ok(taken && sameVolume(taken.volume, id));
      const listed = (await volumes.volumeSnapshots?.(id, call).all()) ?? [];
      expectEqual(
        listed.map((snapshot) => [snapshot.id, snapshot.name]),
        [[taken.id, 'first <point>']],
      );
      await volumes.deleteVolumeSnapshot?.(id, taken.id, call);
      await volumes.deleteVolumeSnapshot?.(id, taken.id, call);
      expectEqual(await volumes.volumeSnapshots?.(id, call).all(), []);
      assert.ok(sameVolume((await volumes.get(id, call)).id, id));
    },
  },
  {
    id: 'volumes/resolve-finds-what-is-there',
    title: 'A volume is resolved from what was read of it, and one that is gone is not resolved to another.',
    requires: ['volumes.resolve'],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { volumes },
        call,
      } = bench;
      const [known, other] = [await bench.volume(), await bench.volume()];
      const found = await volumes.resolve?.(known, call);
      assert.ok(found && sameVolume(found.id, known.id));
      await volumes.delete(known.id, call);
      assert.equal(await volumes.resolve?.(known, call), undefined);
      assert.equal((await volumes.get(other.id, call)).name, other.name);
    },
  },
];
