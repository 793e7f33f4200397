import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bitsPerSecond, isDriverError } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { driver } from '../../src/index.js';
import { beginJourney, stopHosts, type Journey } from './journey.js';
import { dataDigest, depart, digestOfData, moving, nextTick, planOf, volumeNames, wholeLog } from './traveller.js';

const real = await requirePeer(async () => ({
  here: await startLibvirt({ name: 'here', tcp: true }),
  there: await startLibvirt({ name: 'there', tcp: true }),
}));

const SLOW = bitsPerSecond(8_388_608n);
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (isDriverError(error) ? error.code : String(error)),
  );

afterAll(() => stopHosts(real), 60_000);

describeWith('migration', real, (real) => {
  const { here, there } = real;
  const options = { migrationAddress: '127.0.0.1' };
  let journey: Journey;

  const expectUntouched = async (): Promise<void> => {
    const { from, to, machine } = journey;
    expect((await from.machines.get(machine.id)).state).toBe('running');
    const last = [...(await wholeLog(from, machine.id)).matchAll(/tick (\d+)/g)].map(([, tick]) => Number(tick)).at(-1);
    await nextTick(from, machine.id, last ?? 0);
    expect(await to.machines.list().all()).toEqual([]);
    expect(await volumeNames(to)).toEqual([]);
  };

  describe('a guest that moves with its disks', () => {
    beforeAll(async () => {
      journey = await beginJourney(real, [options, { ...options, migrationUri: there.tcp?.uri ?? '' }]);
    }, 180_000);
    afterAll(() => journey.end(), 60_000);

    it('stays where it is when the QEMU of the destination is killed', async () => {
      const { from, to, machine } = journey;
      const { ticket, task } = await depart(from, to, planOf(machine, { bandwidth: SLOW }));
      await moving(from, machine.id);
      process.kill(there.processes().find(({ name }) => name.startsWith('qemu-system'))?.pid ?? NaN, 'SIGKILL');
      expect(await codeOf(task.result())).toBe('MIGRATION.FAILED');
      await to.migration?.discard(ticket);
      await expectUntouched();
    }, 200_000);

    it('stays where it is when the program that leads goes away', async () => {
      const { from, to, machine } = journey;
      const leader = await driver.open({ target: here.uri, options });
      const { ticket, task } = await depart(leader, to, planOf(machine, { bandwidth: SLOW }));
      await moving(from, machine.id);
      await leader.close();
      expect(await codeOf(task.result())).not.toBe('no error');
      await to.migration?.discard(ticket);
      await expectUntouched();
    }, 200_000);

    it('stays where it is when the daemon of the destination dies, which then has nothing of it', async () => {
      const { from, to, machine } = journey;
      const { ticket, task } = await depart(from, to, planOf(machine, { bandwidth: SLOW }));
      await moving(from, machine.id);
      await there.kill9();
      expect(await codeOf(task.result())).toMatch(/MIGRATION\.FAILED|HOST\.(CONNECTION_LOST|UNREACHABLE)/);
      await there.restart();
      await to.migration?.discard(ticket);
      await expectUntouched();
    }, 200_000);

    it('stays where it is when its own daemon dies', async () => {
      const { from, to, machine } = journey;
      const { ticket, task } = await depart(from, to, planOf(machine, { bandwidth: SLOW }));
      await moving(from, machine.id);
      await here.kill9();
      expect(await codeOf(task.result())).toMatch(/HOST\.(CONNECTION_LOST|UNREACHABLE)/);
      await here.restart();
      await to.migration?.discard(ticket);
      await expectUntouched();
    }, 200_000);

    it('counts on at the destination, led by the program, and its disks read the same there', async () => {
      const { from, to, machine } = journey;
      const { task } = await depart(from, to, planOf(machine));
      const phases: (number | undefined)[] = [];
      void (async () => {
        for await (const { fraction } of task.progress()) phases.push(fraction);
      })();
      const moved = await task.result();
      expect(moved).toMatchObject({ id: machine.id, state: 'running', recordOwner: 'traveller' });
      const before = await codeOf(from.machines.get(machine.id));
      expect([before, await volumeNames(from), await volumeNames(to)]).toEqual([
        'MACHINE.NOT_FOUND',
        ['base'],
        ['data', 'root'],
      ]);
      const tick = await nextTick(to, machine.id, 1);
      expect(tick).toBeGreaterThan(1);
      // A guest that had been started again would have said so.
      expect(await wholeLog(to, machine.id)).not.toContain('GUEST: boots');
      expect(phases.every((fraction, index) => (fraction ?? 0) >= (phases[index - 1] ?? 0))).toBe(true);
      expect(await digestOfData(to, machine)).toBe(dataDigest);
    }, 200_000);

    it('moves back stopped, with flat disks that read the same', async () => {
      const { from, to, machine } = journey;
      const { task } = await depart(to, from, planOf(await to.machines.get(machine.id), { mode: 'offline' }));
      expect(await task.result()).toMatchObject({ id: machine.id, state: 'stopped' });
      expect(await volumeNames(to)).toEqual([]);
      await from.power.start(machine.id);
      expect(await digestOfData(from, machine)).toBe(dataDigest);
      await from.power.start(machine.id);
      expect(await nextTick(from, machine.id)).toBeGreaterThanOrEqual(0);
    }, 200_000);

    it('moves when the daemon of the source leads, several connections at a time', async () => {
      const { from, to, machine } = journey;
      const plan = planOf(await from.machines.get(machine.id), {
        extensions: { libvirt: { lead: 'source', connections: 2, autoConverge: true } },
      });
      const { task } = await depart(from, to, plan);
      expect(await task.result()).toMatchObject({ state: 'running' });
      expect(await volumeNames(to)).toEqual(['data', 'root']);
      expect(await digestOfData(to, machine)).toBe(dataDigest);
    }, 200_000);
  });
});
