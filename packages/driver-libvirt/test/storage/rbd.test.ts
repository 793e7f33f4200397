import { afterAll, describe, expect, it } from '@jest/globals';
import { bytes, poolId, Secret } from '@virt-drivers/core';
import { defineCephPool, requirePeer, startCeph, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { bootableGuest } from '../backends/boot.js';
import { contentOf, copy, digestOf, fill, MIB, noise, readVolume } from '../backends/content.js';
import { describeEncryptedBlocks } from '../backends/encrypted-blocks.js';
import { describeBackend, type Ground } from '../backends/suite.js';
import { claimed } from '../facets/guest.js';
import { describeWith } from '@virt-drivers/peers/jest';

const real = await requirePeer(async () => {
  const ceph = await startCeph();
  const [peer, other] = [await startLibvirt({ name: 'rbd' }), await startLibvirt({ name: 'rbd-other' })];
  for (const host of [peer, other]) await defineCephPool(host, ceph);
  return { ceph, peer, other };
});

afterAll(async () => {
  await real?.peer.stop();
  await real?.other.stop();
  await real?.ceph.stop();
}, 60_000);

const ground = async (): Promise<Ground> => {
  const open = await driver.open({ target: real?.peer.uri ?? '' });
  return { driver: open, pool: poolId('ceph'), guest: await bootableGuest(), stop: () => open.close() };
};

describeWith('rbd', real, (real) => {
  describeBackend('rbd', ground, { format: 'raw', continues: true, thick: false, growthUnit: 4n * MIB });

  describeEncryptedBlocks(ground, {
    grows: true,
    head: async ({ key }) => (await real.ceph.rbd(['export', `volumes/${key}`, '-'])).slice(0, 4),
  });

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

    it('shows what another host made, and keeps it', async () => {
      const [{ driver: here, pool, stop }, there] = [await ground(), await driver.open({ target: real.other.uri })];
      const names = async () => (await there.volumes.list(pool).all()).map(({ name }) => name);
      expect(await names()).toEqual([]);
      const make = (name: string) => fill(here, { pool, name, content: contentOf(noise(Number(4n * MIB), name)) });
      const [one, two, three] = [await make('one'), await make('two'), await make('three')];
      // By its identity, by its name, and among all of them: each before anything else has looked.
      expect(await there.volumes.get(one.id)).toMatchObject({ name: 'one', sizeBytes: 4n * MIB });
      expect((await names()).sort()).toEqual(['one', 'three', 'two']);
      const four = await make('four');
      await expect(there.volumes.create({ pool, name: 'four', sizeBytes: bytes(4n * MIB) })).rejects.toMatchObject({
        code: 'VOLUME.EXISTS',
      });
      expect(digestOf(await readVolume(here, four.id))).toBe(digestOf(noise(Number(4n * MIB), 'four')));
      const [mine, theirs] = [claimed(here.encryption), claimed(there.encryption)];
      const sealed = { pool, name: 'sealed', sizeBytes: bytes(8n * MIB) };
      const { id: five } = await mine.createVolume(sealed, new Secret('one key'));
      await expect(theirs.createVolume(sealed, new Secret('another'))).rejects.toMatchObject({ code: 'VOLUME.EXISTS' });
      await mine.unlockVolume(five, new Secret('one key'));
      await here.volumes.delete(five);
      await there.volumes.delete(four.id);
      for (const { id } of [one, two, three]) await here.volumes.delete(id);
      expect(await names()).toEqual([]);
      expect(await here.volumes.list(pool).all()).toEqual([]);
      await there.close();
      await stop();
    }, 180_000);
  });
});
