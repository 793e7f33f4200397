import { machineId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectError } from '../expect-error.js';
import { GUEST_SAYS } from '../guest/test-guest.js';

/** The facet with members that the case requires. */
const suspensionOf = ({ driver }: Bench) => driver.suspension as Required<NonNullable<typeof driver.suspension>>;

const stateOf = async ({ driver, call }: Bench, id: Parameters<Bench['until']>[0]): Promise<string> =>
  (await driver.machines.get(id, call)).state;

const isReady = (line: string): boolean => GUEST_SAYS.ready.test(line);

export const suspension: readonly ConformanceCase[] = [
  {
    id: 'suspension/pause-and-resume',
    title: 'A paused machine is `paused`, a resumed one is `running`, and events tell both.',
    requires: ['suspension.pause'],
    deadlineSeconds: 30,
    async run(bench) {
      const facet = suspensionOf(bench);
      const { id } = await bench.runningMachine();
      const events = await bench.watch();
      await facet.pause(id, bench.call);
      assert.equal(await stateOf(bench, id), 'paused');
      await facet.resume(id, bench.call);
      assert.equal(await stateOf(bench, id), 'running');
      for (const state of ['paused', 'running'] as const) {
        await events.next(
          state,
          (event) => event.kind === 'machine-state' && event.machine === id && event.state === state,
        );
      }
    },
  },
  {
    id: 'suspension/pause-needs-running',
    title: 'Pausing or resuming a stopped machine is MACHINE.WRONG_STATE; it stays stopped.',
    requires: ['suspension.pause'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = suspensionOf(bench);
      const { id } = await bench.machine();
      await expectError(facet.pause(id, bench.call), 'MACHINE.WRONG_STATE');
      await expectError(facet.resume(id, bench.call), 'MACHINE.WRONG_STATE');
      assert.equal(await stateOf(bench, id), 'stopped');
    },
  },
  {
    id: 'suspension/unknown-machine-is-not-found',
    title: 'Every member says MACHINE.NOT_FOUND for a machine that is not there.',
    requires: ['suspension'],
    deadlineSeconds: 10,
    async run({ driver, call }) {
      const { pause, resume, save, restore, discardSaved } = driver.suspension ?? {};
      for (const member of [pause, resume, save, restore, discardSaved]) {
        if (member) await expectError(member(machineId('no-such-machine-9f2c'), call), 'MACHINE.NOT_FOUND');
      }
    },
  },
  {
    id: 'suspension/guest-goes-on-after-pause',
    title: 'A guest that was paused goes on where it was: it does not boot again.',
    requires: ['suspension.pause', 'consoles.log', 'consoles.serial'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const facet = suspensionOf(bench);
      const {
        machine: { id },
        says,
      } = await bench.sharedGuest();
      const before = says?.seen.length ?? 0;
      await facet.pause(id, bench.call);
      await facet.resume(id, bench.call);
      await bench.answers(id);
      assert.ok(!says?.seen.slice(before).some(isReady), 'the guest booted again');
    },
  },
  {
    id: 'suspension/save-and-restore',
    title: 'A saved machine is `saved`, a restored one is `running`.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const facet = suspensionOf(bench);
      const { id } = await bench.runningMachine();
      await facet.save(id, bench.call);
      assert.equal(await stateOf(bench, id), 'saved');
      await facet.restore(id, bench.call);
      assert.equal(await stateOf(bench, id), 'running');
    },
  },
  {
    id: 'suspension/save-keeps-the-guest',
    title: 'A guest that was saved and restored goes on where it was: it does not boot again.',
    requires: ['suspension.save', 'consoles.log', 'consoles.serial'],
    needsGuest: true,
    deadlineSeconds: 120,
    async run(bench) {
      const facet = suspensionOf(bench);
      const {
        machine: { id },
        says,
      } = await bench.sharedGuest();
      const before = says?.seen.length ?? 0;
      await facet.save(id, bench.call);
      await facet.restore(id, bench.call);
      await bench.answers(id);
      assert.ok(!says?.seen.slice(before).some(isReady), 'the guest booted again');
    },
  },
  {
    id: 'suspension/start-restores-saved',
    title: 'Starting a saved machine continues it.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const { id } = await bench.runningMachine();
      await suspensionOf(bench).save(id, bench.call);
      await bench.driver.power.start(id, bench.call);
      assert.equal(await stateOf(bench, id), 'running');
    },
  },
  {
    id: 'suspension/record-of-saved',
    title: 'The record that a saved machine gets is that of the machine that goes on, not the one it was saved with.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const { machines } = bench.driver;
      const { id } = await bench.runningMachine();
      const owner = bench.name('owner');
      const write = (body: number, ifRevision: string | null) =>
        machines.writeRecord(id, { owner, body }, { ifRevision }, bench.call);
      const { revision: first } = await write(1, null);
      await suspensionOf(bench).save(id, bench.call);
      const { revision } = await write(2, first);
      await suspensionOf(bench).restore(id, bench.call);
      assert.deepEqual(await machines.record(id, bench.call), { owner, body: 2, revision });
      await write(3, revision);
    },
  },
  {
    id: 'suspension/discard-saved',
    title: 'Giving up saved memory leaves the machine stopped; giving it up again succeeds.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const facet = suspensionOf(bench);
      const { id } = await bench.runningMachine();
      await facet.save(id, bench.call);
      await facet.discardSaved(id, bench.call);
      assert.equal(await stateOf(bench, id), 'stopped');
      await facet.discardSaved(id, bench.call);
      assert.equal(await stateOf(bench, id), 'stopped');
    },
  },
  {
    id: 'suspension/saved-machine-is-deleted-whole',
    title: 'Deleting a saved machine with `kill` removes it and what was saved.',
    requires: ['suspension.save'],
    deadlineSeconds: 60,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      await suspensionOf(bench).save(id, call);
      await driver.machines.delete(id, { kill: true }, call);
      await expectError(driver.machines.get(id, call), 'MACHINE.NOT_FOUND');
    },
  },
  {
    id: 'suspension/save-needs-running',
    title: 'Saving or restoring a stopped machine is MACHINE.WRONG_STATE; it stays stopped.',
    requires: ['suspension.save'],
    deadlineSeconds: 20,
    async run(bench) {
      const facet = suspensionOf(bench);
      const { id } = await bench.machine();
      await expectError(facet.save(id, bench.call), 'MACHINE.WRONG_STATE');
      await expectError(facet.restore(id, bench.call), 'MACHINE.WRONG_STATE');
      assert.equal(await stateOf(bench, id), 'stopped');
    },
  },
];
