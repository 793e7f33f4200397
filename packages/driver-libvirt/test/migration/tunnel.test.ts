import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MigrationPlan } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { beginJourney, stopHosts, type Journey } from './journey.js';
import { dataDigest, depart, digestOfData, nextTick, planOf, volumeNames } from './traveller.js';

const real = await requirePeer(async () => ({
  here: await startLibvirt({ name: 'here', tcp: true }),
  there: await startLibvirt({ name: 'there', tcp: true }),
}));

afterAll(() => stopHosts(real), 60_000);

describeWith('tunnelled migration', real, (real) => {
  const { here, there } = real;
  const extensions = { libvirt: { lead: 'tunnel', unsafe: true } } as const;
  let journey: Journey;

  beforeAll(async () => {
    // Both see the same files, at the same place.
    await there.virsh(['pool-define-as', 'shared', 'dir', '--target', here.imagesDirectory]);
    await there.virsh(['pool-start', 'shared']);
    // Nobody answers there: what the two QEMUs would say to each other directly would not arrive.
    const migrationAddress = '192.0.2.1';
    journey = await beginJourney(real, [{}, { migrationAddress, migrationUri: there.tcp?.uri ?? '' }]);
  }, 180_000);
  afterAll(() => journey.end(), 60_000);

  it('refuses to copy disks, and the guest stays', async () => {
    const { from, to, machine } = journey;
    await expect(depart(from, to, planOf(machine, { extensions }))).rejects.toMatchObject({
      code: 'MIGRATION.INCOMPATIBLE',
    });
    expect(await volumeNames(to)).toEqual([]);
    const tick = await nextTick(from, machine.id);
    expect(await nextTick(from, machine.id, tick)).toBeGreaterThan(tick);
  }, 200_000);

  it('takes a guest on storage that both hosts see through the daemons alone; it counts on', async () => {
    const { from, to, machine } = journey;
    const plan: MigrationPlan = { machine: machine.id, mode: 'live', extensions };
    const before = await nextTick(from, machine.id);
    const { task } = await depart(from, to, plan);
    expect(await task.result()).toMatchObject({ id: machine.id, state: 'running' });
    await expect(from.machines.get(machine.id)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    expect(await nextTick(to, machine.id, before)).toBeGreaterThan(before);
    expect(await digestOfData(to, machine)).toBe(dataDigest);
  }, 200_000);
});
