import { afterAll, describe, expect, it } from '@jest/globals';
import { poolId } from '@virt-drivers/core';
import {
  PeerUnavailable,
  requirePeer,
  startCeph,
  startLibvirt,
  type CephPeer,
  type LibvirtPeer,
} from '@virt-drivers/peers';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { driver } from '../../src/index.js';
import { bootableGuest } from '../backends/boot.js';
import { contentOf, copy, digestOf, fill, MIB, noise, readVolume } from '../backends/content.js';
import { describeBackend, type Ground } from '../backends/suite.js';
import { describeWith } from '@virt-drivers/peers/jest';

const SECRET = '6d1f0a3e-5c0f-4b1e-9c2b-0d9f4a6a7c11';

const real = await requirePeer(async () => {
  const ceph = await startCeph();
  const peer = await startLibvirt({ name: 'rbd' });
  await definePool(peer, ceph);
  return { ceph, peer };
});

afterAll(async () => {
  await real?.peer.stop();
  await real?.ceph.stop();
}, 60_000);

/** As an operator defines it: libvirt keeps the key, the pool names its secret. */
async function definePool(peer: LibvirtPeer, { monitor, pool, account }: CephPeer): Promise<void> {
  const secret = `<secret private="yes"><uuid>${SECRET}</uuid><usage type="ceph"><name>machines</name></usage></secret>`;
  const described = `<pool type="rbd"><name>ceph</name><source><host name="${monitor.host}" port="${monitor.port}"/>
    <name>${pool}</name><auth type="ceph" username="${account.user}"><secret uuid="${SECRET}"/></auth></source></pool>`;
  const [secretFile, poolFile, keyFile] = ['secret.xml', 'pool.xml', 'key'].map((name) => join(peer.directory, name));
  await writeFile(secretFile ?? '', secret);
  await writeFile(poolFile ?? '', described);
  await writeFile(keyFile ?? '', account.key, { mode: 0o600 });
  await peer.virsh(['secret-define', secretFile ?? '']);
  await peer.virsh(['secret-set-value', SECRET, '--file', keyFile ?? '']);
  try {
    await peer.virsh(['pool-define', poolFile ?? '']);
    await peer.virsh(['pool-start', 'ceph']);
  } catch (error) {
    if (!String(error).includes('missing backend')) throw error;
    throw new PeerUnavailable('RBD pool', 'libvirt has no driver for it', 'Install libvirt-daemon-driver-storage-rbd.');
  }
}

const ground = async (): Promise<Ground> => {
  const open = await driver.open({ target: real?.peer.uri ?? '' });
  return { driver: open, pool: poolId('ceph'), guest: await bootableGuest(), stop: () => open.close() };
};

describeWith('rbd', real, (real) => {
  describeBackend('rbd', ground, { format: 'raw', continues: true, thick: false, growthUnit: 4n * MIB });

  describe('Ceph itself', () => {
    it('clones without copying, and tells the same chain', async () => {
      const { driver: open, pool, stop } = await ground();
      const left = async (): Promise<unknown> => JSON.parse(await real.ceph.rbd(['ls', 'volumes', '--format', 'json']));
      const before = await left();
      const image = await fill(open, { pool, name: 'image', content: contentOf(noise(Number(4n * MIB), 'ceph')) });
      const clone = await copy(open, { pool, name: 'clone', source: image.id, mode: 'linked' });
      const info: unknown = JSON.parse(await real.ceph.rbd(['info', 'volumes/clone', '--format', 'json']));
      expect(info).toMatchObject({ parent: { image: 'image' } });
      expect(clone.base?.key).toBe('image');
      const used: unknown = JSON.parse(await real.ceph.rbd(['du', 'volumes/clone', '--format', 'json']));
      expect(used).toMatchObject({ images: [{ used_size: 0 }] });
      // From Ceph to a file and back: the bytes go through QEMU on the host.
      const file = await copy(open, { pool: poolId('default'), name: 'file', format: 'qcow2', source: clone.id });
      const back = await copy(open, { pool, name: 'back', source: file.id });
      expect(digestOf(await readVolume(open, back.id))).toBe(digestOf(noise(Number(4n * MIB), 'ceph')));
      for (const { id } of [back, file, clone, image]) await open.volumes.delete(id);
      expect(await left()).toEqual(before);
      await stop();
    }, 180_000);
  });
});
