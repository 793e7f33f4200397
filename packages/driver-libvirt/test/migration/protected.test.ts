import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Machine, OpenDriver } from '@virt-drivers/core';
import {
  LINK_ADDRESSES,
  linkPeers,
  migrationCertificates,
  requirePeer,
  startLibvirt,
  type LibvirtPeer,
  type PeerLink,
} from '@virt-drivers/peers';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '../../src/index.js';
import { dataDigest, depart, digestOfData, nextTick, planOf, startTraveller } from './traveller.js';
import { describeWith } from '@virt-drivers/peers/jest';

const directory = await mkdtemp(join(tmpdir(), 'virt-migration-'));
await chmod(directory, 0o711);

const real = await requirePeer(async () => {
  const guestSettings = {
    migrate_tls_x509_cert_dir: await migrationCertificates(directory, LINK_ADDRESSES),
    // Post-copy needs a right that the kernel gives to root, or to all by vm.unprivileged_userfaultfd.
    user: 'root',
    group: 'root',
  };
  return {
    here: await startLibvirt({ name: 'here', network: 'own', guestSettings }),
    there: await startLibvirt({ name: 'there', network: 'own', guestSettings }),
  };
});

describeWith('protected migration', real, (real) => {
  const { here, there } = real;
  const open = ({ uri }: LibvirtPeer, migrationAddress: string) =>
    driver.open({ target: uri, options: { migrationAddress } });
  let link: PeerLink;
  let from: OpenDriver;
  let to: OpenDriver;
  let machine: Machine;

  describe('a guest that moves encrypted, and by post-copy', () => {
    beforeAll(async () => {
      link = await linkPeers(here, there);
      [from, to] = await Promise.all([open(here, link.addresses[0]), open(there, link.addresses[1])]);
      machine = await startTraveller(from);
      await nextTick(from, machine.id);
    }, 180_000);

    afterAll(async () => {
      await Promise.all([from.close(), to.close()]);
      await Promise.all([here.stop(), there.stop()]);
      await rm(directory, { recursive: true });
    }, 60_000);

    it('moves encrypted', async () => {
      const { task } = await depart(from, to, planOf(machine, { encrypt: true }));
      const moved = await task.result();
      expect(moved.state).toBe('running');
      const tick = await nextTick(to, moved.id);
      expect(await nextTick(to, moved.id, tick)).toBeGreaterThan(tick);
    }, 200_000);

    it('moves back and fetches its last memory when it runs there already; its data disk reads the same', async () => {
      const { task } = await depart(to, from, planOf(await to.machines.get(machine.id), { postCopy: true }));
      expect(await task.result()).toMatchObject({ state: 'running' });
      await nextTick(from, machine.id);
      expect(await digestOfData(from, machine)).toBe(dataDigest);
    }, 200_000);
  });
});
