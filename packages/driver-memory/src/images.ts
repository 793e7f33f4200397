import {
  bytes,
  DriverError,
  sameVolume,
  type CachedImage,
  type Checksum,
  type FacetAs,
  type ImageSource,
  type PoolId,
  type Task,
} from '@virt-drivers/core';
import { createListing, verifiedImage } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { CONTENT_FORMAT } from './limits.js';
import type { MemorySession } from './session.js';
import { checkDeletable, removeVolume } from './world/delete-volume.js';
import { fillVolume } from './world/fill-volume.js';
import { findPool } from './world/find.js';
import { allocatedBytes, sweepLayers } from './world/layers.js';
import { beginVolume, checkNewVolume } from './world/new-volume.js';
import type { Scene } from './world/scene.js';
import { checkRoom } from './world/space.js';
import type { VolumeState } from './world/state.js';

type ImageVolume = VolumeState & { image: NonNullable<VolumeState['image']> };

const isImage = (volume: VolumeState): volume is ImageVolume => volume.image !== undefined;

const imagesIn = ({ state }: Scene, pool: PoolId): ImageVolume[] =>
  Object.values(state.volumes)
    .filter(isImage)
    .filter(({ id }) => id.pool === pool);

const findImage = (scene: Scene, pool: PoolId, { algorithm, hex }: Checksum): ImageVolume | undefined =>
  imagesIn(scene, pool).find(({ image }) => image.checksum.algorithm === algorithm && image.checksum.hex === hex);

/** Volumes that continue this one, at any depth. */
function countUsers({ state }: Scene, { id }: VolumeState): number {
  const continues = (volume: VolumeState): boolean => {
    const base = volume.base && state.volumes[volume.base.key];
    return base !== undefined && (sameVolume(base.id, id) || continues(base));
  };
  return Object.values(state.volumes).filter(continues).length;
}

const view = (scene: Scene, volume: ImageVolume): CachedImage => ({
  checksum: volume.image.checksum,
  pool: volume.id.pool,
  volume: volume.id,
  format: volume.format,
  virtualSizeBytes: volume.sizeBytes,
  allocatedBytes: bytes(allocatedBytes(scene, volume)),
  users: countUsers(scene, volume),
  lastUsedAt: volume.image.lastUsedAt,
});

function touch(scene: Scene, pool: PoolId, checksum: Checksum): CachedImage | undefined {
  const present = findImage(scene, pool, checksum);
  if (present) present.image.lastUsedAt = scene.now;
  return present && view(scene, present);
}

async function ensure(session: MemorySession, pool: PoolId, source: ImageSource): Promise<Task<CachedImage>> {
  const { checksum, format, virtualSizeBytes } = source;
  const request = { pool, name: `image-${checksum.hex.slice(0, 32)}`, content: verifiedImage(source) };
  const making = await session.change((scene) => {
    findPool(scene, pool);
    const present = touch(scene, pool, checksum);
    if (present) return present;
    if (!['raw', 'qcow2', 'iso'].includes(format)) throw unmet(`Image in format ${format}`, CONTENT_FORMAT);
    checkNewVolume(scene, request);
    checkRoom(scene, pool, 0n, virtualSizeBytes);
    return beginVolume(scene, request, format === 'qcow2');
  });
  if ('checksum' in making) return session.startTask(async () => making);
  return session.startTask(async (report, signal) => {
    const { id } = await fillVolume(session, request, making, report, signal);
    return session.change((scene) => {
      const volume = scene.state.volumes[id.key];
      if (volume)
        volume.image = { checksum: { algorithm: checksum.algorithm, hex: checksum.hex }, lastUsedAt: scene.now };
      const image = touch(scene, pool, checksum);
      if (!image)
        throw new DriverError('HOST.FAILED', `Image ${checksum.hex} was removed while it was made; call again.`, {
          retryable: true,
        });
      return image;
    });
  });
}

/** Facet `images`. */
export const createImages = (session: MemorySession): FacetAs<'images', typeof capabilities.images> => ({
  ensure: (pool, source) =>
    session.world.tasks.share(`image:${pool}:${source.checksum.algorithm}:${source.checksum.hex}`, () =>
      ensure(session, pool, source),
    ),
  find: (pool, checksum) =>
    session.look((scene) => {
      findPool(scene, pool);
      const image = findImage(scene, pool, checksum);
      return image && view(scene, image);
    }),
  list: (pool) =>
    createListing(async function* () {
      yield* await session.look((scene) => {
        findPool(scene, pool);
        return imagesIn(scene, pool).map((image) => view(scene, image));
      });
    }),
  remove: (pool, checksum) =>
    session.change((scene) => {
      const image = findImage(scene, pool, checksum);
      if (!image) return;
      checkDeletable(scene, image);
      removeVolume(scene, image);
      sweepLayers(scene);
    }),
});
