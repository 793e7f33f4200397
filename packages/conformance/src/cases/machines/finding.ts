import { machineId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

export const findingMachines: readonly ConformanceCase[] = [
  {
    id: 'machines/id-is-stable',
    title: 'The id stays the same across start, kill, update and a new session.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id, name } = await bench.machine();
      await driver.power.start(id, call);
      await driver.power.kill(id, call);
      await driver.machines.update(id, { description: 'changed' }, call);
      const other = await bench.openAnother();
      const again = await other.machines.get(id, call);
      expectEqual([again.id, again.name, again.description], [id, name, 'changed']);
      const ids = (await driver.machines.list(undefined, call).all()).map((machine) => machine.id);
      assert.equal(ids.filter((listed) => listed === id).length, 1, 'the machine is not listed exactly once');
    },
  },
  {
    id: 'machines/find-by-record-owner',
    title: 'A machine is found by the owner in its record, and no longer after it was deleted.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const owner = bench.name('owner');
      const { id, recordOwner } = await bench.machine({ record: { owner, body: { version: 1 } } });
      await bench.machine({ record: { owner: bench.name('other'), body: {} } });
      assert.equal(recordOwner, owner);
      assert.equal((await driver.machines.find({ recordOwner: owner }, call))?.id, id);
      await driver.machines.delete(id, {}, call);
      assert.equal(await driver.machines.find({ recordOwner: owner }, call), undefined);
    },
  },
  {
    id: 'machines/find-of-unknown-owner-is-undefined',
    title: 'Finding by an owner that no record names gives undefined, also when a name or part of an owner matches.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { driver, call } = bench;
      const owner = bench.name('owner');
      await bench.machine({ name: owner, record: { owner: `${owner}.1`, body: null } });
      assert.equal(await driver.machines.find({ recordOwner: owner }, call), undefined);
    },
  },
  {
    id: 'machines/unknown-machine-is-not-found',
    title: 'Every member of machines but delete says MACHINE.NOT_FOUND for an id that is not there.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id: gone } = await bench.machine();
      await machines.delete(gone, {}, call);
      for (const id of [gone, machineId('no-such-machine-9f2c'), machineId('../<x>&')]) {
        await expectError(machines.get(id, call), 'MACHINE.NOT_FOUND');
        await expectError(machines.update(id, { description: 'x' }, call), 'MACHINE.NOT_FOUND');
        await expectError(machines.record(id, call), 'MACHINE.NOT_FOUND');
        await expectError(
          machines.writeRecord(id, { owner: 'x', body: 1 }, { ifRevision: null }, call),
          'MACHINE.NOT_FOUND',
        );
      }
    },
  },
  {
    id: 'machines/list-filters',
    title: 'Listing by host, state and record gives exactly the machines that match all.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const running = await bench.runningMachine();
      const recorded = await bench.machine({ record: { owner: bench.name('owner'), body: {} } });
      const ours = new Set<string>([running.id, recorded.id]);
      const listed = async (filter: Parameters<typeof driver.machines.list>[0]): Promise<readonly string[]> =>
        (await driver.machines.list(filter, call).all()).map(({ id }) => id as string).filter((id) => ours.has(id));
      expectEqual(await listed({ state: 'running' }), [running.id]);
      expectEqual(await listed({ state: 'stopped' }), [recorded.id]);
      expectEqual(await listed({ recorded: true }), [recorded.id]);
      expectEqual(await listed({ recorded: false }), [running.id]);
      expectEqual(await listed({ recorded: true, state: 'running' }), []);
      expectEqual(
        new Set(await listed({ host: running.host })),
        running.host === recorded.host ? ours : new Set([running.id]),
      );
    },
  },
];
