import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LINK_ADDRESSES, migrationCertificates, requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginLinkedJourney, stopHosts, type Journey } from './journey.js';
import { dataDigest, depart, digestOfData, nextTick, planOf } from './traveller.js';

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

afterAll(async () => {
  await stopHosts(real);
  await rm(directory, { recursive: true });
}, 60_000);

describeWith('protected migration', real, (real) => {
  let journey: Journey;

  describe('a guest that moves encrypted, and by post-copy', () => {
    beforeAll(async () => {
      journey = await beginLinkedJourney(real);
    }, 180_000);
    afterAll(() => journey.end(), 60_000);

    it('moves encrypted', async () => {
      const { from, to, machine } = journey;
      const { task } = await depart(from, to, planOf(machine, { encrypt: true }));
      const moved = await task.result();
      expect(moved.state).toBe('running');
      const tick = await nextTick(to, moved.id);
      expect(await nextTick(to, moved.id, tick)).toBeGreaterThan(tick);
    }, 200_000);

    it('moves back and fetches its last memory when it runs there already; its data disk reads the same', async () => {
      const { from, to, machine } = journey;
      const { task } = await depart(to, from, planOf(await to.machines.get(machine.id), { postCopy: true }));
      expect(await task.result()).toMatchObject({ state: 'running' });
      await nextTick(from, machine.id);
      expect(await digestOfData(from, machine)).toBe(dataDigest);
    }, 200_000);
  });
});
