import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDriverError, mebibytes, poolId, type ImageSource, type OpenDriver } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { readdirSync } from 'node:fs';
import { driver } from '../src/index.js';
import { contentOf, copy, digestOf, MIB, noise, readVolume } from './backends/content.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt({ name: 'images' }));
const pool = poolId('default');
const LONG = 120_000;

/** Content that counts how often it is read. */
function counted(seed: string) {
  const source = contentOf(noise(Number(4n * MIB), seed));
  const counter = { opened: 0 };
  const image: ImageSource = {
    ...source,
    open: () => {
      counter.opened += 1;
      return source.open();
    },
  };
  return { image, counter };
}

const ensure = async ({ images }: OpenDriver, image: ImageSource) => (await images?.ensure(pool, image))?.result();
const files = () => readdirSync(peer?.imagesDirectory ?? '').sort();

describeWith('images', peer, (peer) => {
  describe('the image cache', () => {
    let managers: readonly OpenDriver[] = [];
    const first = (): OpenDriver => {
      const [one] = managers;
      if (!one) throw new Error('No manager is open.');
      return one;
    };
    beforeAll(async () => {
      managers = await Promise.all([1, 2].map(() => driver.open({ target: peer.uri })));
    }, LONG);
    afterAll(async () => {
      await Promise.all(managers.map((manager) => manager.close()));
      await peer.stop();
    }, LONG);

    it(
      'fifty at once, of two managers, share one import',
      async () => {
        const { image, counter } = counted('fifty');
        const all = await Promise.all(
          Array.from({ length: 50 }, (_, index) => ensure(managers[index % 2] ?? first(), image)),
        );
        expect(new Set(all.map((cached) => cached?.volume.key)).size).toBe(1);
        expect(counter.opened).toBe(1);
        expect(files().filter((name) => name.startsWith('vd-image-'))).toHaveLength(1);
        expect(files().filter((name) => name.startsWith('vd-import-'))).toEqual([]);
        await first().images?.remove(pool, image.checksum);
        expect(files()).toEqual([]);
      },
      LONG,
    );

    it(
      'users are counted at all levels, and an image is kept while it has any',
      async () => {
        const { image } = counted('users');
        const cached = await ensure(first(), image);
        if (!cached) throw new Error('The image was not cached.');
        const { volumes, images } = first();
        const child = await copy(first(), { pool, name: 'child', source: cached.volume, mode: 'linked' });
        const grandchild = await copy(first(), { pool, name: 'grandchild', source: child.id, mode: 'linked' });
        expect((await images?.find(pool, image.checksum))?.users).toBe(2);
        await expect(images?.remove(pool, image.checksum)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
        expect(digestOf(await readVolume(first(), grandchild.id))).toBe(image.checksum.hex);
        await volumes.delete(grandchild.id);
        await volumes.delete(child.id);
        expect((await images?.list(pool).all())?.map(({ users }) => users)).toEqual([0]);
        await images?.remove(pool, image.checksum);
        await images?.remove(pool, image.checksum);
        expect(files()).toEqual([]);
      },
      LONG,
    );

    it(
      'content that is not what it says, or breaks off, leaves nothing',
      async () => {
        const { image } = counted('lies');
        const lies: ImageSource = { ...image, checksum: { algorithm: 'sha256', hex: digestOf(Buffer.from('other')) } };
        await expect(ensure(first(), lies)).rejects.toMatchObject({ code: 'IMAGE.CHECKSUM_MISMATCH' });
        const breaks: ImageSource = {
          ...image,
          async *open() {
            yield Buffer.alloc(1024);
            throw new Error('the source broke');
          },
        };
        await expect(ensure(first(), breaks)).rejects.toThrow('the source broke');
        expect(files()).toEqual([]);
      },
      LONG,
    );

    it(
      'what killed processes left is taken over and cleared away',
      async () => {
        const { image, counter } = counted('killed');
        const name = `sha256-${image.checksum.hex}`;
        const other = `vd-image-sha256-${digestOf(Buffer.from('gone'))}.0badcafe.raw`;
        // One died in the middle of this content, with its lock; another one after it had lost its lock.
        for (const left of [`vd-import-${name}.raw`, `vd-image-${name}.deadbeef.raw`, other]) {
          await peer.virsh(['vol-create-as', 'default', left, '512', '--format', 'raw']);
        }
        expect((await first().volumes.list(pool).all()).map((volume) => volume.name)).not.toContain(
          `vd-import-${name}`,
        );
        const cached = await ensure(first(), image);
        if (!cached) throw new Error('The image was not cached.');
        expect([digestOf(await readVolume(first(), cached.volume)), counter.opened]).toEqual([image.checksum.hex, 1]);
        // Its own leftovers go with the next import of anything, when nobody holds its lock.
        expect(files()).not.toContain(other);
        await ensure(first(), counted('next').image);
        expect(files().filter((file) => file.startsWith(`vd-image-${name}`))).toHaveLength(1);
        for (const each of (await first().images?.list(pool).all()) ?? [])
          await first().images?.remove(pool, each.checksum);
        expect(files()).toEqual([]);
      },
      LONG,
    );

    it(
      'an image that somebody deleted by hand is imported again',
      async () => {
        const { image, counter } = counted('deleted');
        const cached = await ensure(first(), image);
        await peer.virsh(['vol-delete', '--pool', 'default', cached?.volume.key ?? '']);
        expect(await first().images?.find(pool, image.checksum)).toBeUndefined();
        await ensure(first(), image);
        expect(counter.opened).toBe(2);
        await first().images?.remove(pool, image.checksum);
      },
      LONG,
    );

    it(
      'an image in a format that is not kept is refused with a reason',
      async () => {
        const { image } = counted('format');
        const failed = ensure(first(), { ...image, format: 'vmdk', virtualSizeBytes: mebibytes(4) });
        await expect(failed).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
        expect(await failed.catch((error: unknown) => isDriverError(error) && error.condition?.value)).toBe(
          'qcow2, raw, iso',
        );
      },
      LONG,
    );
  });
});
