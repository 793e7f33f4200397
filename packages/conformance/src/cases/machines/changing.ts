import { mebibytes } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

export const changingMachines: readonly ConformanceCase[] = [
  {
    id: 'machines/resize-cold',
    title: 'A stopped machine gets other processors and memory, and starts with them.',
    requires: ['machines.resizeCold'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const { id } = await bench.machine();
      const changed = await machines.update(id, { cpu: { count: 2 }, memory: { sizeBytes: mebibytes(96) } }, call);
      expectEqual([changed.cpu.count, changed.memory.sizeBytes], [2, mebibytes(96)]);
      await power.start(id, call);
      const running = await machines.get(id, call);
      expectEqual([running.cpu.count, running.memory.sizeBytes], [2, mebibytes(96)]);
    },
  },
  {
    id: 'machines/resize-hot',
    title: 'A running machine gets another processor within its maximum, and keeps it over a restart.',
    requires: ['machines.resizeHot'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const { machine } = await bench.runningGuest({ cpu: { count: 1, maximumCount: 2 } });
      const changed = await machines.update(machine.id, { cpu: { count: 2, maximumCount: 2 } }, call);
      expectEqual([changed.cpu.count, changed.state], [2, 'running']);
      await power.kill(machine.id, call);
      assert.equal((await machines.get(machine.id, call)).cpu.count, 2);
    },
  },
  {
    id: 'machines/resize-running-is-refused-before-change',
    title:
      'Where running machines cannot be resized, trying is CAPABILITY.ABSENT or CAPABILITY.CONDITION_UNMET and changes nothing.',
    requires: ['machines.resizeCold'],
    lacks: ['machines.resizeHot'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id, name } = await bench.runningMachine();
      const change = { description: 'half', memory: { sizeBytes: mebibytes(96) } };
      await expectError(machines.update(id, change, call), 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      const after = await machines.get(id, call);
      expectEqual([after.name, after.description, after.memory.sizeBytes], [name, undefined, mebibytes(64)]);
    },
  },
  {
    id: 'machines/update-is-all-or-nothing',
    title: 'An update of which a part is not possible is a capability error and changes nothing.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.runningMachine({ cpu: { count: 1, maximumCount: 1 } });
      const change = { description: 'half', cpu: { count: 2, maximumCount: 2 } };
      await expectError(machines.update(id, change, call), 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      const after = await machines.get(id, call);
      expectEqual([after.description, after.cpu.count], [undefined, 1]);
    },
  },
  {
    id: 'machines/delete-removes-it',
    title: 'A deleted machine is neither read nor listed any more.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.machine();
      await machines.delete(id, undefined, call);
      await expectError(machines.get(id, call), 'MACHINE.NOT_FOUND');
      assert.ok(
        (await machines.list(undefined, call).all()).every((machine) => machine.id !== id),
        'it is still listed',
      );
    },
  },
  {
    id: 'machines/delete-keeps-volumes',
    title: 'Deleting a machine keeps its volumes and their content, and frees them.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
      } = bench;
      const volume = await bench.volume();
      const { id } = await bench.machine({ disks: [{ volume: volume.id }] });
      await machines.delete(id, {}, call);
      const kept = await volumes.get(volume.id, call);
      expectEqual([kept.name, kept.sizeBytes, kept.attachedTo], [volume.name, volume.sizeBytes, []]);
    },
  },
  {
    id: 'machines/delete-removes-named-volumes',
    title: 'Deleting a machine removes the volumes of the disks that were named, and no other.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
      } = bench;
      const [doomed, kept] = [await bench.volume(), await bench.volume()];
      const { id, disks } = await bench.machine({ disks: [{ volume: doomed.id }, { volume: kept.id }] });
      const withVolumesOf = disks.slice(0, 1).map((disk) => disk.id);
      await machines.delete(id, { withVolumesOf }, call);
      await expectError(volumes.get(doomed.id, call), 'VOLUME.NOT_FOUND');
      assert.equal((await volumes.get(kept.id, call)).name, kept.name);
    },
  },
  {
    id: 'machines/delete-of-running-is-refused',
    title: 'Deleting a machine that runs is MACHINE.WRONG_STATE and leaves it running.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      await expectError(machines.delete(id, {}, call), 'MACHINE.WRONG_STATE');
      assert.equal((await machines.get(id, call)).state, 'running');
    },
  },
  {
    id: 'machines/delete-kills-when-told',
    title: 'Deleting with `kill` ends a running machine and removes it.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      await machines.delete(id, { kill: true }, call);
      await expectError(machines.get(id, call), 'MACHINE.NOT_FOUND');
    },
  },
];
