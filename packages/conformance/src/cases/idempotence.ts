import { diskId, machineId, mebibytes, nicId, snapshotId, type Disk, type Nic } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

const repeat = async (times: number, call: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < times; i += 1) await call();
};

export const idempotence: readonly ConformanceCase[] = [
  {
    id: 'idempotence/create-machine-with-the-same-token',
    title: 'Creating a machine again with the same token and an equal specification returns the first one.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const spec = bench.spec({ clientToken: bench.name('token') });
      const first = await bench.machine(spec);
      const second = await bench.machine(spec);
      assert.equal(second.id, first.id);
      const all = await bench.driver.machines.list(undefined, bench.call).all();
      assert.equal(all.filter(({ name }) => name === spec.name).length, 1, 'there are two machines');
    },
  },
  {
    id: 'idempotence/create-machine-with-another-spec-conflicts',
    title: 'Creating a machine with a token that was used for another specification is REQUEST.CONFLICT.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const spec = bench.spec({ clientToken: bench.name('token') });
      const { id } = await bench.machine(spec);
      await expectError(bench.machine({ ...spec, cpu: { count: 2 } }), 'REQUEST.CONFLICT');
      assert.equal((await bench.driver.machines.get(id, bench.call)).cpu.count, 1);
    },
  },
  {
    id: 'idempotence/parallel-creates-make-one-machine',
    title: 'Several creates at once with the same token make one machine, and each that resolves returns it.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const spec = bench.spec({ clientToken: bench.name('token') });
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => bench.machine(spec)));
      const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : []));
      assert.equal(new Set(made).size, 1, `the calls returned ${made.join(', ') || 'nothing'}`);
      const all = await bench.driver.machines.list(undefined, bench.call).all();
      assert.equal(all.filter(({ name }) => name === spec.name).length, 1, 'there are several machines');
    },
  },
  {
    id: 'idempotence/token-is-known-to-another-session',
    title: 'A token is remembered with the machine, so that another session gets it too.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const spec = bench.spec({ clientToken: bench.name('token') });
      const { id } = await bench.machine(spec);
      const other = await bench.openAnother();
      const again = await other.machines.create(spec, bench.call);
      bench.ledger.machine(again.id);
      assert.equal(again.id, id);
    },
  },
  {
    id: 'idempotence/create-volume-with-the-same-token',
    title: 'Creating a volume again with the same token returns the first; with another size it is REQUEST.CONFLICT.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const request = { name: bench.name('volume'), clientToken: bench.name('token'), sizeBytes: mebibytes(1) };
      const first = await bench.volume(request);
      const second = await bench.volume(request);
      expectEqual([second.id, second.sizeBytes], [first.id, first.sizeBytes]);
      await expectError(bench.volume({ ...request, sizeBytes: mebibytes(2) }), 'REQUEST.CONFLICT');
    },
  },
  {
    id: 'idempotence/delete-twice',
    title: 'Deleting a machine or a volume that is gone, or never was, succeeds.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
        pool,
      } = bench;
      const { id } = await bench.machine();
      await repeat(3, () => machines.delete(id, {}, call));
      await machines.delete(machineId('no-such-machine-9f2c'), { kill: true }, call);
      const volume = await bench.volume();
      await repeat(3, () => volumes.delete(volume.id, call));
      await volumes.delete({ pool: pool.id, key: 'no-such-volume-9f2c' }, call);
    },
  },
  {
    id: 'idempotence/start-and-kill-twice',
    title: 'Starting a running machine and killing a stopped one succeed and change nothing.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const { id } = await bench.machine();
      await repeat(2, () => power.kill(id, call));
      await repeat(3, () => power.start(id, call));
      assert.equal((await machines.get(id, call)).state, 'running');
      await repeat(3, () => power.kill(id, call));
      assert.equal((await machines.get(id, call)).state, 'stopped');
    },
  },
  {
    id: 'idempotence/parallel-starts',
    title: 'Several starts at once end with a machine that runs; none fails but with MACHINE.BUSY.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const { id } = await bench.machine();
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => power.start(id, call)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') await expectError(Promise.reject(outcome.reason), 'MACHINE.BUSY');
      }
      assert.equal((await machines.get(id, call)).state, 'running');
    },
  },
  {
    id: 'idempotence/update-to-what-is',
    title: 'Updating a machine to what it already is succeeds and changes nothing.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const before = await bench.machine({ description: 'same' });
      const after = await machines.update(
        before.id,
        { description: 'same', cpu: before.cpu, memory: before.memory },
        call,
      );
      expectEqual(after, before);
      expectEqual(await machines.update(before.id, {}, call), before);
    },
  },
  {
    id: 'idempotence/grow-to-the-same-size',
    title: 'Growing a volume to its present size succeeds and changes nothing.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id, sizeBytes } = await bench.volume();
      await repeat(2, async () =>
        assert.equal((await bench.driver.volumes.grow(id, sizeBytes, bench.call)).sizeBytes, sizeBytes),
      );
    },
  },
  {
    id: 'idempotence/detach-twice',
    title: 'Detaching a disk or a nic that is not there succeeds.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const { id: volume } = await bench.volume();
      const { id, disks, nics } = await bench.machine({ disks: [{ volume }], nics: [{ network: bench.network() }] });
      await repeat(2, () => driver.disks.detach(id, (disks[0] as Disk).id, call));
      await repeat(2, () => driver.nics.detach(id, (nics[0] as Nic).id, call));
      await driver.disks.detach(id, diskId('no-such-disk-9f2c'), call);
      await driver.nics.detach(id, nicId('no-such-nic-9f2c'), call);
      const left = await driver.machines.get(id, call);
      expectEqual([left.disks, left.nics], [[], []]);
    },
  },
  {
    id: 'idempotence/pause-and-resume-twice',
    title: 'Pausing a paused machine and resuming a running one succeed.',
    requires: ['suspension.pause'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, suspension },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      await repeat(2, async () => suspension?.resume?.(id, call));
      await repeat(3, async () => suspension?.pause?.(id, call));
      assert.equal((await machines.get(id, call)).state, 'paused');
      await repeat(3, async () => suspension?.resume?.(id, call));
      assert.equal((await machines.get(id, call)).state, 'running');
    },
  },
  {
    id: 'idempotence/save-and-restore-twice',
    title: 'Saving a saved machine and restoring a running one succeed.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const {
        driver: { machines, suspension },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      await repeat(2, async () => suspension?.save?.(id, call));
      assert.equal((await machines.get(id, call)).state, 'saved');
      await repeat(2, async () => suspension?.restore?.(id, call));
      assert.equal((await machines.get(id, call)).state, 'running');
    },
  },
  {
    id: 'idempotence/delete-snapshot-twice',
    title: 'Deleting a snapshot that is gone, or never was, succeeds.',
    requires: ['snapshots'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { snapshots },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.machine({ disks: [{ volume }] });
      const taken = await snapshots?.create(id, { name: 'once' }, call);
      assert.ok(taken);
      await repeat(2, async () => snapshots?.delete(id, taken.id, call));
      await snapshots?.delete(id, snapshotId('no-such-snapshot-9f2c'), call);
    },
  },
];
