import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bitsPerSecond } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { beginLinkedJourney, stopHosts } from './journey.js';
import { depart, moving, nextTick, planOf, volumeNames } from './traveller.js';

const real = await requirePeer(async () => ({
  here: await startLibvirt({ name: 'here', network: 'own' }),
  there: await startLibvirt({ name: 'there', network: 'own' }),
}));
const SLOW = bitsPerSecond(8_388_608n);

afterAll(() => stopHosts(real), 60_000);

describeWith('migration over a network', real, (real) => {
  let journey: Awaited<ReturnType<typeof beginLinkedJourney>>;

  describe('a guest that moves over a network', () => {
    beforeAll(async () => {
      journey = await beginLinkedJourney(real);
    }, 180_000);
    afterAll(() => journey.end(), 60_000);

    it('stays when the network is cut: nothing is sent, the move is given up, and the destination has nothing', async () => {
      const { from, to, machine, link } = journey;
      const plan = planOf(machine, { bandwidth: SLOW, extensions: { libvirt: { stalledSeconds: 5 } } });
      const { ticket, task } = await depart(from, to, plan);
      await moving(from, machine.id);
      await link.cut();
      await expect(task.result()).rejects.toMatchObject({
        code: 'MIGRATION.FAILED',
        message: expect.stringContaining('sent nothing for 5 s') as unknown,
      });
      await to.migration?.discard(ticket);
      await link.restore();
      expect(await to.machines.list().all()).toEqual([]);
      expect(await volumeNames(to)).toEqual([]);
      const tick = await nextTick(from, machine.id);
      expect(await nextTick(from, machine.id, tick)).toBeGreaterThan(tick);
    }, 200_000);
  });
});
