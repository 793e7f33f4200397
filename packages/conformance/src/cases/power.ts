import { machineId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import { stopAsked } from '../bench/stop-asked.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';
import { GUEST_SAYS } from '../guest/test-guest.js';

const stateOf = async ({ driver, call }: Bench, id: Parameters<Bench['until']>[0]): Promise<string> =>
  (await driver.machines.get(id, call)).state;

export const power: readonly ConformanceCase[] = [
  {
    id: 'power/start-and-kill',
    title: 'A started machine is running for the next get, a killed one is stopped, and it can be started again.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.machine();
      for (let round = 0; round < 2; round += 1) {
        await driver.power.start(id, call);
        assert.equal(await stateOf(bench, id), 'running');
        await driver.power.kill(id, call);
        assert.equal(await stateOf(bench, id), 'stopped');
      }
    },
  },
  {
    id: 'power/unknown-machine-is-not-found',
    title: 'Every member says MACHINE.NOT_FOUND for a machine that is not there.',
    requires: [],
    deadlineSeconds: 10,
    async run({ driver: { power: members }, call }) {
      const id = machineId('no-such-machine-9f2c');
      await expectError(members.start(id, call), 'MACHINE.NOT_FOUND');
      await expectError(members.kill(id, call), 'MACHINE.NOT_FOUND');
      for (const member of [members.stop, members.reset, members.reboot]) {
        if (member) await expectError(member(id, call), 'MACHINE.NOT_FOUND');
      }
    },
  },
  {
    id: 'power/kill-ends-paused',
    title: 'Killing a paused machine stops it.',
    requires: ['suspension.pause'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      await driver.suspension?.pause?.(id, call);
      await driver.power.kill(id, call);
      assert.equal(await stateOf(bench, id), 'stopped');
    },
  },
  {
    id: 'power/start-of-paused-is-refused',
    title: 'Starting a paused machine is MACHINE.WRONG_STATE; it stays paused.',
    requires: ['suspension.pause'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      await driver.suspension?.pause?.(id, call);
      await expectError(driver.power.start(id, call), 'MACHINE.WRONG_STATE');
      assert.equal(await stateOf(bench, id), 'paused');
    },
  },
  {
    id: 'power/stop-never-kills',
    title:
      'When nobody inside reacts, stop resolves to `running` at its deadline, or is GUEST.UNAVAILABLE when nobody can be asked; the machine runs on.',
    requires: ['power.stopGuest'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call, within } = bench;
      const { id } = await bench.runningMachine();
      assert.match(String(await stopAsked(driver, id, within(1_500))), /^(running|nobody)$/);
      expectEqual([await stateOf(bench, id), (await driver.machines.get(id, call)).busy], ['running', undefined]);
    },
  },
  {
    id: 'power/stop-of-stopped',
    title: 'Stopping a stopped machine resolves to `stopped`.',
    requires: ['power.stopGuest'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      assert.equal(await bench.driver.power.stop?.(id, bench.call), 'stopped');
    },
  },
  {
    id: 'power/stop-of-paused-is-refused',
    title: 'Stopping a paused machine is MACHINE.WRONG_STATE; it stays paused.',
    requires: ['power.stopGuest', 'suspension.pause'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      await driver.suspension?.pause?.(id, call);
      await expectError(Promise.resolve(driver.power.stop?.(id, call)), 'MACHINE.WRONG_STATE');
      assert.equal(await stateOf(bench, id), 'paused');
    },
  },
  {
    id: 'power/stop-asks-the-guest',
    title: 'A guest that is asked shuts down by itself, and the event says that it was so.',
    requires: ['power.stopGuest'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.runningGuest();
      const events = await bench.watch();
      assert.equal(await bench.driver.power.stop?.(id, bench.call), 'stopped');
      assert.equal(await stateOf(bench, id), 'stopped');
      await events.next(
        'the machine to stop',
        (event) => event.kind === 'machine-state' && event.machine === id && event.state === 'stopped',
      );
    },
  },
  {
    id: 'power/reset-keeps-running',
    title: 'Resetting a running machine leaves it running; of a stopped one it is MACHINE.WRONG_STATE.',
    requires: ['power.reset'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call } = bench;
      const { id } = await bench.runningMachine();
      await driver.power.reset?.(id, call);
      assert.equal(await stateOf(bench, id), 'running');
      await driver.power.kill(id, call);
      await expectError(Promise.resolve(driver.power.reset?.(id, call)), 'MACHINE.WRONG_STATE');
      assert.equal(await stateOf(bench, id), 'stopped');
    },
  },
  {
    id: 'power/reset-restarts-the-guest',
    title: 'After a reset the guest boots once more from the same disk.',
    requires: ['power.reset', 'consoles.log'],
    needsGuest: true,
    deadlineSeconds: 120,
    async run(bench) {
      const {
        machine: { id },
        says,
      } = await bench.runningGuest();
      await bench.driver.power.reset?.(id, bench.call);
      await says?.next('the guest to boot again', (line) => GUEST_SAYS.ready.test(line));
    },
  },
  {
    id: 'power/reboot-asks-the-guest',
    title: 'A guest that is asked to reboot does, an event tells when, and the machine runs throughout.',
    requires: ['power.rebootGuest'],
    needsGuest: true,
    deadlineSeconds: 120,
    async run(bench) {
      const {
        machine: { id },
        says,
      } = await bench.runningGuest();
      const events = await bench.watch();
      await bench.driver.power.reboot?.(id, bench.call);
      await events.next('the reboot', (event) => event.kind === 'machine-rebooted' && event.machine === id);
      await says?.next('the guest to boot again', (line) => GUEST_SAYS.ready.test(line));
      assert.equal(await stateOf(bench, id), 'running');
    },
  },
  {
    id: 'power/reboot-of-stopped-is-refused',
    title: 'Asking a stopped machine to reboot is MACHINE.WRONG_STATE.',
    requires: ['power.rebootGuest'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      await expectError(Promise.resolve(bench.driver.power.reboot?.(id, bench.call)), 'MACHINE.WRONG_STATE');
    },
  },
];
