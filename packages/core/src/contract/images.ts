import type { CallOptions } from '../values/call.js';
import type { PoolId, VolumeId } from '../values/identifiers.js';
import type { Checksum, DiskFormat, ImageSource } from '../values/image-source.js';
import type { Listing } from '../values/listing.js';
import type { Bytes } from '../values/quantity.js';
import type { Task } from '../values/task.js';

/** An image kept near the machines, so that the next volume from it needs no transfer. */
export interface CachedImage {
  /** Identity is the content. */
  readonly checksum: Checksum;
  readonly pool: PoolId;
  /** Read-only volume that new volumes continue or copy. */
  readonly volume: VolumeId;
  readonly format: DiskFormat;
  readonly virtualSizeBytes: Bytes;
  readonly allocatedBytes?: Bytes;
  /** Volumes that continue it, at any depth; an image with users is never removed. */
  readonly users: number;
  readonly lastUsedAt?: Date;
}

/** The host's image cache. */
export interface Images {
  /**
   * Makes sure that the image is in the pool and returns it; parallel calls for the same content share one transfer.
   * Errors of the task: `POOL.NOT_FOUND`, `POOL.FULL`, `IMAGE.CHECKSUM_MISMATCH`. After an error nothing remains.
   * Proven by: `images/ensure-is-single-flight`.
   */
  ensure(pool: PoolId, image: ImageSource, options?: CallOptions): Promise<Task<CachedImage>>;
  /** The cached image with this content, or undefined. */
  find(pool: PoolId, checksum: Checksum, options?: CallOptions): Promise<CachedImage | undefined>;
  list(pool: PoolId, options?: CallOptions): Listing<CachedImage>;
  /** Removes an image that nothing uses. Succeeds when it is already gone. Errors: `VOLUME.IN_USE`. */
  remove(pool: PoolId, checksum: Checksum, options?: CallOptions): Promise<void>;
}
