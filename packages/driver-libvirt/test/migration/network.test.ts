import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bitsPerSecond, type Machine, type OpenDriver } from '@virt-drivers/core';
import { linkPeers, requirePeer, startLibvirt, type LibvirtPeer, type PeerLink } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { depart, moving, nextTick, planOf, startTraveller, volumeNames } from './traveller.js';
import { describeWith } from '@virt-drivers/peers/jest';

const real = await requirePeer(async () => ({
  here: await startLibvirt({ name: 'here', network: 'own' }),
  there: await startLibvirt({ name: 'there', network: 'own' }),
}));
const SLOW = bitsPerSecond(8_388_608n);

describeWith('migration over a network', real, (real) => {
  const { here, there } = real;
  const open = ({ uri }: LibvirtPeer, migrationAddress: string) =>
    driver.open({ target: uri, options: { migrationAddress } });
  let link: PeerLink;
  let from: OpenDriver;
  let to: OpenDriver;
  let machine: Machine;

  describe('a guest that moves over a network', () => {
    beforeAll(async () => {
      link = await linkPeers(here, there);
      [from, to] = await Promise.all([open(here, link.addresses[0]), open(there, link.addresses[1])]);
      machine = await startTraveller(from);
      await nextTick(from, machine.id);
    }, 180_000);

    afterAll(async () => {
      await Promise.all([from.close(), to.close()]);
      await Promise.all([here.stop(), there.stop()]);
    }, 60_000);

    it('stays when the network is cut: nothing is sent, the move is given up, and the destination has nothing', async () => {
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
