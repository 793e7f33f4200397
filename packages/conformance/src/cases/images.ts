import type { CachedImage, Images, Volume, VolumeId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { Bench } from '../bench/bench.js';
import { contentOf, pattern } from '../bench/contents.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

function imagesOf({ driver }: Bench): Images {
  if (!driver.images) throw new Error('The case uses images but does not require them.');
  return driver.images;
}

/** An image with its own content, counting how often it is read; removed from the cache after the case. */
function countedImage(bench: Bench) {
  const source = contentOf(pattern(1_048_576, bench.name('image')));
  const counter = { opened: 0 };
  bench.ledger.action('cached image', () => imagesOf(bench).remove(bench.pool.id, source.checksum));
  const image = {
    ...source,
    open() {
      counter.opened += 1;
      return source.open();
    },
  };
  return { image, counter };
}

const ensure = async (bench: Bench, image: Parameters<Images['ensure']>[1]): Promise<CachedImage> =>
  (await imagesOf(bench).ensure(bench.pool.id, image, bench.call)).result(bench.call);

/** A volume that continues another one. */
async function linkTo({ driver: { volumes }, ...bench }: Bench, source: VolumeId): Promise<Volume> {
  const name = bench.name('user');
  const task = await volumes.createFromVolume?.({ pool: source.pool, name, source, mode: 'linked' }, bench.call);
  const volume = await task?.result(bench.call);
  if (!volume) throw new Error('The case copies volumes but does not require it.');
  bench.ledger.volume(volume.id);
  return volume;
}

export const images: readonly ConformanceCase[] = [
  {
    id: 'images/ensure-is-single-flight',
    title: 'Several calls at once for one image share one transfer, and a later call needs none.',
    requires: ['images'],
    deadlineSeconds: 40,
    async run(bench) {
      const { image, counter } = countedImage(bench);
      const all = await Promise.all([1, 2, 3, 4].map(() => ensure(bench, image)));
      assert.equal(new Set(all.map(({ volume }) => volume.key)).size, 1, 'there are several copies');
      await ensure(bench, image);
      assert.equal(counter.opened, 1, `the content was read ${counter.opened} times`);
    },
  },
  {
    id: 'images/find-list-remove',
    title:
      'A cached image is found by its content and listed, and gone after it was removed; removing it twice succeeds.',
    requires: ['images'],
    deadlineSeconds: 40,
    async run(bench) {
      const facet = imagesOf(bench);
      const { image } = countedImage(bench);
      const { pool, call } = bench;
      assert.equal(await facet.find(pool.id, image.checksum, call), undefined);
      const cached = await ensure(bench, image);
      assert.equal(cached.virtualSizeBytes, image.virtualSizeBytes);
      expectEqual((await facet.find(pool.id, image.checksum, call))?.volume, cached.volume);
      assert.ok((await facet.list(pool.id, call).all()).some(({ checksum }) => checksum.hex === image.checksum.hex));
      await facet.remove(pool.id, image.checksum, call);
      await facet.remove(pool.id, image.checksum, call);
      assert.equal(await facet.find(pool.id, image.checksum, call), undefined);
    },
  },
  {
    id: 'images/users-keep-it',
    title: 'Volumes that continue an image, also through another one, are its users, and it is kept while it has any.',
    requires: ['images', 'volumes.fromVolume', 'volumes.linkedClone'],
    deadlineSeconds: 60,
    async run(bench) {
      const facet = imagesOf(bench);
      const { pool, call } = bench;
      const { image } = countedImage(bench);
      const cached = await ensure(bench, image);
      const child = await linkTo(bench, cached.volume);
      const grandchild = await linkTo(bench, child.id);
      assert.equal((await facet.find(pool.id, image.checksum, call))?.users, 2);
      await expectError(facet.remove(pool.id, image.checksum, call), 'VOLUME.IN_USE');
      assert.ok(await facet.find(pool.id, image.checksum, call), 'the image is gone');
      for (const { id } of [grandchild, child]) await bench.driver.volumes.delete(id, call);
      await facet.remove(pool.id, image.checksum, call);
    },
  },
  {
    id: 'images/other-content-is-refused',
    title: 'Content that is not what its checksum says is IMAGE.CHECKSUM_MISMATCH, and nothing of it remains.',
    requires: ['images'],
    deadlineSeconds: 40,
    async run(bench) {
      const { image } = countedImage(bench);
      const { pool, call } = bench;
      const { checksum } = contentOf(pattern(512, bench.name('other')));
      await expectError(ensure(bench, { ...image, checksum }), 'IMAGE.CHECKSUM_MISMATCH');
      assert.equal(await imagesOf(bench).find(pool.id, checksum, call), undefined);
    },
  },
];
