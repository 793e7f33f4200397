import { machineId, snapshotId, type MachineId, type Snapshot } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Bench } from '../../bench/bench.js';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';
import { snapshotsOf } from './facet.js';

/** A stopped machine with one disk of a format that can have snapshots, where formats differ in that. */
async function machineWithDisk(bench: Bench): Promise<MachineId> {
  const { id: volume } = await bench.volume();
  return (await bench.machine({ disks: [{ volume }] })).id;
}

const listed = async (bench: Bench, machine: MachineId): Promise<readonly Snapshot[]> =>
  snapshotsOf(bench).list(machine, bench.call).all();

export const pointsOfMachines: readonly ConformanceCase[] = [
  {
    id: 'snapshots/create-list-delete',
    title: 'A snapshot is what create returned for list and get, and gone after delete; volumes stay.',
    requires: ['snapshots'],
    deadlineSeconds: 30,
    async run(bench) {
      const facet = snapshotsOf(bench);
      const id = await machineWithDisk(bench);
      const taken = await facet.create(id, { name: 'first', description: 'text & <more>' }, bench.call);
      expectEqual(
        [taken.name, taken.description, taken.memory, taken.current, taken.parent],
        ['first', 'text & <more>', false, true, undefined],
      );
      assert.ok(types.isDate(taken.createdAt));
      expectEqual(await listed(bench, id), [taken]);
      expectEqual(await facet.get(id, taken.id, bench.call), taken);
      await facet.delete(id, taken.id, bench.call);
      expectEqual(await listed(bench, id), []);
      assert.equal((await bench.driver.machines.get(id, bench.call)).disks.length, 1);
    },
  },
  {
    id: 'snapshots/name-is-stored-exactly',
    title: 'Names of snapshots are stored as given and need not be unique.',
    requires: ['snapshots', 'snapshots.tree'],
    deadlineSeconds: 40,
    async run(bench) {
      const facet = snapshotsOf(bench);
      const id = await machineWithDisk(bench);
      const name = `../<a>&"'名前 \u{1F98A}`;
      const first = await facet.create(id, { name }, bench.call);
      const second = await facet.create(id, { name }, bench.call);
      assert.notEqual(first.id, second.id);
      expectEqual(
        (await listed(bench, id)).map((snapshot) => snapshot.name),
        [name, name],
      );
    },
  },
  {
    id: 'snapshots/parents-before-children',
    title: 'A second snapshot names the first as its parent, comes after it in the list, and is the current one.',
    requires: ['snapshots', 'snapshots.tree'],
    deadlineSeconds: 40,
    async run(bench) {
      const facet = snapshotsOf(bench);
      const id = await machineWithDisk(bench);
      const first = await facet.create(id, { name: 'first' }, bench.call);
      const second = await facet.create(id, { name: 'second' }, bench.call);
      const found = (await listed(bench, id)).map((snapshot) => [snapshot.id, snapshot.parent, snapshot.current]);
      expectEqual(found, [
        [first.id, undefined, false],
        [second.id, first.id, true],
      ]);
    },
  },
  {
    id: 'snapshots/unknown-things-are-not-found',
    title: 'An unknown machine is MACHINE.NOT_FOUND and an unknown snapshot is SNAPSHOT.NOT_FOUND.',
    requires: ['snapshots'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = snapshotsOf(bench);
      const [nobody, nothing] = [machineId('no-such-machine-9f2c'), snapshotId('no-such-snapshot-9f2c')];
      await expectError(facet.create(nobody, { name: 'x' }, bench.call), 'MACHINE.NOT_FOUND');
      await expectError(facet.list(nobody, bench.call).all(), 'MACHINE.NOT_FOUND');
      await expectError(facet.get(nobody, nothing, bench.call), 'MACHINE.NOT_FOUND');
      const id = await machineWithDisk(bench);
      await expectError(facet.get(id, nothing, bench.call), 'SNAPSHOT.NOT_FOUND');
      if (facet.revert) await expectError(facet.revert(id, nothing, bench.call), 'SNAPSHOT.NOT_FOUND');
    },
  },
  {
    id: 'snapshots/running',
    title: 'A snapshot of the disks of a running machine is taken, and the machine runs on.',
    requires: ['snapshots', 'snapshots.running'],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.runningMachine({ disks: [{ volume }] });
      const { memory } = await snapshotsOf(bench).create(id, { name: 'live' }, call);
      expectEqual([memory, (await driver.machines.get(id, call)).state], [false, 'running']);
    },
  },
  {
    id: 'snapshots/go-with-the-machine',
    title: 'A machine with snapshots is deleted with them; its volumes stay and are free.',
    requires: ['snapshots'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
      } = bench;
      const id = await machineWithDisk(bench);
      await snapshotsOf(bench).create(id, { name: 'first' }, call);
      const { disks } = await machines.get(id, call);
      await machines.delete(id, {}, call);
      await expectError(machines.get(id, call), 'MACHINE.NOT_FOUND');
      for (const { volume } of disks) if (volume) expectEqual((await volumes.get(volume, call)).attachedTo, []);
    },
  },
  {
    id: 'snapshots/blocked-operation-is-refused',
    title:
      'Growing a volume that a snapshot holds either works or is SNAPSHOT.BLOCKS, naming the snapshot and changing nothing.',
    requires: ['snapshots'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
      } = bench;
      const id = await machineWithDisk(bench);
      const taken = await snapshotsOf(bench).create(id, { name: 'holds' }, call);
      const volume = (await machines.get(id, call)).disks[0]?.volume;
      assert.ok(volume);
      const { sizeBytes } = await volumes.get(volume, call);
      const asked = (sizeBytes * 2n) as typeof sizeBytes;
      const grown = await volumes.grow(volume, asked, call).catch((error: unknown) => error);
      if (!(grown instanceof Error)) return assert.equal((await volumes.get(volume, call)).sizeBytes, asked);
      const { heldBy } = await expectError(Promise.reject(grown), 'SNAPSHOT.BLOCKS');
      assert.equal(heldBy, taken.id);
      assert.equal((await volumes.get(volume, call)).sizeBytes, sizeBytes);
    },
  },
];
