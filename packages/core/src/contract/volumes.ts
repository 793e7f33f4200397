import type { CallOptions } from '../values/call.js';
import type { VolumeExtensions } from '../values/extensions.js';
import type { HostId, MachineId, PoolId, SnapshotId, VolumeId } from '../values/identifiers.js';
import type { DiskFormat, ImageSource } from '../values/image-source.js';
import type { Listing } from '../values/listing.js';
import type { Bytes } from '../values/quantity.js';
import type { Task } from '../values/task.js';

/** A place where volumes live. */
export interface Pool {
  readonly id: PoolId;
  readonly name: string;
  /** How the pool keeps volumes. `object` is a network store of blocks (no path). */
  readonly kind: 'directory' | 'block' | 'object' | 'other';
  readonly state: 'ready' | 'unavailable' | 'maintenance';
  readonly capacityBytes: Bytes;
  readonly freeBytes: Bytes;
  /** Formats that volumes can have here, the preferred one first. */
  readonly formats: readonly DiskFormat[];
  /** Hosts that reach this pool. */
  readonly hosts: readonly HostId[];
  /** True when several hosts see the same volumes. */
  readonly shared: boolean;
}

/** A storage object that exists without a machine. */
export interface Volume {
  readonly id: VolumeId;
  /** Display text, stored exactly where the pool can; otherwise the closest that is. Unique within its pool. */
  readonly name: string;
  readonly format: DiskFormat;
  /** What a guest sees. */
  readonly sizeBytes: Bytes;
  /** What it occupies now; absent where the pool cannot say. */
  readonly allocatedBytes?: Bytes;
  /** The volume that this one continues (copy on write); absent for a flat volume. */
  readonly base?: VolumeId;
  /** Machines that have it attached, as far as this endpoint knows. */
  readonly attachedTo: readonly MachineId[];
}

/** How space is set aside. `thin`: when written; `thick`: at once. */
export type Provisioning = 'thin' | 'thick';

/** What every new volume needs. */
export interface NewVolume {
  readonly pool: PoolId;
  /**
   * 1 to 200 characters of `[A-Za-z0-9._-]`, not starting with `.` or `-`: volume names become file names on some
   * hypervisors, so anything else is refused with `REQUEST.INVALID`. Proven by: `volumes/hostile-name-is-refused`.
   */
  readonly name: string;
  /** Default: the pool's preferred format. */
  readonly format?: DiskFormat;
  readonly provisioning?: Provisioning;
  /** A repeated call with the same token and equal input returns the first volume; see `MachineSpec.clientToken`. */
  readonly clientToken?: string;
  readonly extensions?: VolumeExtensions;
}

/** A volume of zeros. */
export interface BlankVolume extends NewVolume {
  readonly sizeBytes: Bytes;
}

/** A volume with the content of a verified source, converted to the volume's format where the driver can. */
export interface ContentVolume extends NewVolume {
  readonly content: ImageSource;
  /** Grown to this size; default and minimum: the content's virtual size. */
  readonly sizeBytes?: Bytes;
}

/** A volume that starts as another one. */
export interface CopyVolume extends NewVolume {
  readonly source: VolumeId;
  /** `linked` continues the source copy on write (capability `volumes.linkedClone`); `full` copies. Default `full`. */
  readonly mode?: 'linked' | 'full';
  /** Default and minimum: the source's size. */
  readonly sizeBytes?: Bytes;
}

/** A point in time of one volume. */
export interface VolumeSnapshot {
  readonly id: SnapshotId;
  readonly volume: VolumeId;
  readonly name: string;
  readonly createdAt?: Date;
}

/**
 * Pools and the volumes in them.
 *
 * CONTRACT question 7 (snapshot of a machine or of disks?): machine snapshots are facet `snapshots`; snapshots of one
 * volume are capability `volumes.snapshotVolume`. Proven by: `volumes/snapshot-of-one-volume`.
 *
 * CONTRACT question 22 (units?): sizes are `Bytes`; a driver rounds up to what its pool can do and tells the result.
 * Proven by: `volumes/size-is-at-least-asked`.
 */
export interface Volumes {
  /** All pools. */
  pools(options?: CallOptions): Listing<Pool>;
  /** One pool. Errors: `POOL.NOT_FOUND`. */
  pool(id: PoolId, options?: CallOptions): Promise<Pool>;
  /** Volumes of one pool. Errors: `POOL.NOT_FOUND`, `POOL.UNAVAILABLE`. */
  list(pool: PoolId, options?: CallOptions): Listing<Volume>;
  /** One volume. Errors: `VOLUME.NOT_FOUND`. */
  get(id: VolumeId, options?: CallOptions): Promise<Volume>;
  /** The volume of this name, or undefined. Errors: `POOL.NOT_FOUND`. */
  find(query: { readonly pool: PoolId; readonly name: string }, options?: CallOptions): Promise<Volume | undefined>;
  /**
   * Makes a volume that reads as zeros. Errors: `POOL.NOT_FOUND`, `POOL.FULL`, `POOL.UNAVAILABLE`, `VOLUME.EXISTS`,
   * `REQUEST.INVALID`, `REQUEST.CONFLICT`. After an error there is no volume.
   */
  create(volume: BlankVolume, options?: CallOptions): Promise<Volume>;
  /** Makes a volume from content; bytes stream with backpressure, progress in bytes. After an error there is no volume. */
  createFromContent?(volume: ContentVolume, options?: CallOptions): Promise<Task<Volume>>;
  /** Makes a volume from another volume that nothing writes to. After an error there is no volume. */
  createFromVolume?(volume: CopyVolume, options?: CallOptions): Promise<Task<Volume>>;
  /**
   * Grows a volume; growing to its present size succeeds. While it is attached to a running machine this needs
   * `volumes.growOnline`, and the guest sees the new size.
   * Errors: `VOLUME.NOT_FOUND`, `VOLUME.CANNOT_SHRINK`, `VOLUME.IN_USE`, `SNAPSHOT.BLOCKS`, `POOL.FULL`.
   */
  grow(id: VolumeId, sizeBytes: Bytes, options?: CallOptions): Promise<Volume>;
  /**
   * Streams the whole content, as a guest would read it when `format` is `raw` (the default), with backpressure.
   * Errors before the first byte or in the stream: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE` (written by a running machine).
   */
  export?(id: VolumeId, request?: { readonly format?: DiskFormat }, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** Deletes a volume. Succeeds when it is already gone. Errors: `VOLUME.IN_USE` (attached, or the base of another), `VOLUME.BUSY`. */
  delete(id: VolumeId, options?: CallOptions): Promise<void>;
  /**
   * Finds a volume again after somebody else moved or renamed it, by what was once read of it; undefined when nothing
   * matches for sure.
   */
  resolve?(known: Volume, options?: CallOptions): Promise<Volume | undefined>;
  /** Freezes a point in time of one volume that no running machine writes to. */
  snapshotVolume?(id: VolumeId, name: string, options?: CallOptions): Promise<VolumeSnapshot>;
  /** Snapshots of one volume. */
  volumeSnapshots?(id: VolumeId, options?: CallOptions): Listing<VolumeSnapshot>;
  /** Deletes a snapshot of a volume. Succeeds when it is already gone. */
  deleteVolumeSnapshot?(id: VolumeId, snapshot: SnapshotId, options?: CallOptions): Promise<void>;
}
