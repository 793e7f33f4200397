import { afterAll, describe, expect, it } from '@jest/globals';
import { mebibytes, Secret, type Machine, type OpenDriver, type RemoteConnection } from '@virt-drivers/core';
import { requirePeer, startCeph, startLibvirt, startNfs } from '@virt-drivers/peers';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { driver } from '../../src/index.js';
import { claimed, guestDisk, inGuest, runGuest } from '../facets/guest.js';
import { describeWith } from '@virt-drivers/peers/jest';

const LONG = 300_000;
const MIB = 1 << 20;

/** A guest with a volume of another system: filled, swapped to a second one of it, and the first detached from. */
async function moveThere(
  open: OpenDriver,
  machine: Machine,
  [from, to]: readonly [RemoteConnection, RemoteConnection],
  contentOf: (which: 'from' | 'to') => Promise<string>,
): Promise<void> {
  const facet = claimed(open.remoteVolumes);
  const disk = await facet.attach(machine.id, from, { serial: 'remote' });
  const name = await guestDisk(open, machine.id, 'remote');
  const content = await inGuest(
    open,
    machine.id,
    `cat /dev/urandom >/dev/${name} 2>/dev/null; sync; sha256sum </dev/${name} | cut -d' ' -f1`,
  );
  expect(await contentOf('from')).toBe(content);
  await (await facet.swap(machine.id, disk.id, to)).result();
  expect(await contentOf('to')).toBe(content);
  expect((await facet.extend(machine.id, disk.id, mebibytes(8))).sizeBytes).toBe(mebibytes(8));
  await facet.detach(machine.id, disk.id);
}

const nfs = await requirePeer(async () => {
  const peer = await startLibvirt({ name: 'nfs', network: 'own' });
  try {
    return { peer, files: await startNfs(peer) };
  } catch (error) {
    await peer.stop();
    throw error;
  }
});

afterAll(() => nfs?.peer.stop());

describeWith('NFS', nfs, (nfs) => {
  describe('files on an NFS server', () => {
    const { peer, files } = nfs;
    it(
      'are disks: what the guest writes is in them, and it goes on in another',
      async () => {
        const open = await driver.open({ target: peer.uri });
        const machine = await runGuest(open);
        for (const name of ['from', 'to']) await files.addFile(name, 8 * MIB);
        const { server, exportPath } = files;
        const at = (file: string) => ({ protocol: 'nfs', server, exportPath, file, format: 'raw' }) as const;
        await moveThere(open, machine, [at('from'), at('to')], async (which) =>
          createHash('sha256')
            .update(readFileSync(files.file(which)))
            .digest('hex'),
        );
        await expect(open.remoteVolumes?.attach(machine.id, at('none'), {})).rejects.toMatchObject({
          code: 'VOLUME.NOT_FOUND',
        });
        await expect(
          open.remoteVolumes?.attach(machine.id, { ...at('to'), exportPath: '/nowhere' }, {}),
        ).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
        await open.machines.delete(machine.id, { kill: true });
        await open.close();
      },
      LONG,
    );
  });
});

const rbd = await requirePeer(async () => ({
  ceph: await startCeph(),
  peer: await startLibvirt({ name: 'rbd-remote' }),
}));

afterAll(async () => {
  await rbd?.peer.stop();
  await rbd?.ceph.stop();
}, 60_000);

describeWith('RBD', rbd, (rbd) => {
  describe('images in Ceph', () => {
    const { peer, ceph } = rbd;
    it(
      'are disks for who has the key, which libvirt keeps and forgets with them',
      async () => {
        const open = await driver.open({ target: peer.uri });
        const machine = await runGuest(open);
        for (const name of ['from', 'to']) await ceph.rbd(['create', '--size', '8M', `${ceph.pool}/${name}`]);
        const at = (image: string) =>
          ({
            protocol: 'rbd',
            monitors: [ceph.monitor],
            pool: ceph.pool,
            image,
            user: ceph.account.user,
            key: new Secret(ceph.account.key),
          }) as const;
        await moveThere(open, machine, [at('from'), at('to')], async (which) => {
          const file = `${peer.directory}/${which}.raw`;
          await ceph.rbd(['export', '--no-progress', `${ceph.pool}/${which}`, file]);
          return createHash('sha256').update(readFileSync(file)).digest('hex');
        });
        expect(await peer.virsh(['secret-list'])).not.toContain('vd-');
        await open.machines.delete(machine.id, { kill: true });
        await open.close();
      },
      LONG,
    );
  });
});
