import {
  DriverError,
  isDriverError,
  type CallOptions,
  type DiskFormat,
  type MigrationPlan,
  type VolumeId,
} from '@virt-drivers/core';
import type { Undo, UndoStack } from '@virt-drivers/core/kit';
import type { NativePool } from '../convert/pool-xml.js';
import { isVolumeFormat, nameOf } from '../convert/volume-xml.js';
import { refreshPool } from '../pool-refresh.js';
import type { LibvirtSession } from '../session.js';
import type { Backend } from '../storage/backend.js';
import { backendFor } from '../storage/backends.js';
import { refuseExisting, refuseTooLarge } from '../storage/making.js';
import { placeIn } from '../storage/place.js';
import { removeVolume } from '../storage/removal.js';
import type { LeavingDisk } from './departure.js';

type Wish = NonNullable<MigrationPlan['disks']>[number];

/** Where a disk's content is after the move. */
export interface ArrivingVolume {
  readonly volume: VolumeId;
  /** Its content comes over with the machine. */
  readonly copied: boolean;
  /** It was made for this. */
  readonly made: boolean;
}

/**
 * The volume of a disk on this host: the same one where both hosts see it, else the one that the plan names, else a new
 * one, made as the old one was.
 */
export async function arrivingVolume(
  session: LibvirtSession,
  { id, volume }: LeavingDisk,
  wish: Wish | undefined,
  undo: UndoStack,
  options: CallOptions,
): Promise<ArrivingVolume> {
  if (!volume) throw new DriverError('DRIVER.FAULT', `Disk ${id} has no volume that could arrive.`);
  if (!wish) return { volume: await sameVolumeHere(session, id, volume.location, options), copied: false, made: false };
  if (wish.volume) {
    const { capacityBytes } = await session.files.read(wish.volume, options);
    if (capacityBytes >= BigInt(volume.sizeBytes)) return { volume: wish.volume, copied: true, made: false };
    const text = `Volume ${wish.volume.key} has ${capacityBytes} bytes, but disk ${id} needs ${volume.sizeBytes}. Grow it first.`;
    throw new DriverError('MIGRATION.INCOMPATIBLE', text, { subject: wish.volume.key });
  }
  return { volume: await makeAlike(session, volume, wish, undo, options), copied: true, made: true };
}

async function sameVolumeHere(
  session: LibvirtSession,
  disk: string,
  location: string,
  options: CallOptions,
): Promise<VolumeId> {
  const { pools, files, endpoint } = session;
  try {
    const volume = await pools.locate(location, options);
    await files.read(volume, options).catch(async (error: unknown) => {
      if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
      // Where the other host made it, this one's libvirt has not looked since.
      await refreshPool(session, volume.pool, options);
      await files.read(volume, options);
    });
    return volume;
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
    const text = `Disk ${disk} is at ${location}, which host ${endpoint.hostName} does not see. Name a pool for it in the plan.`;
    throw new DriverError('MIGRATION.INCOMPATIBLE', text, { subject: disk, cause: error });
  }
}

/** Same name, format, size and provisioning, so that whoever looks for it by its name finds it here. */
async function makeAlike(
  session: LibvirtSession,
  old: NonNullable<LeavingDisk['volume']>,
  { pool }: Wish,
  undo: UndoStack,
  options: CallOptions,
): Promise<VolumeId> {
  const sizeBytes = BigInt(old.sizeBytes);
  const thick = BigInt(old.allocatedBytes) >= sizeBytes;
  const place = await placeIn(session, pool, options);
  const backend = backendLike(place.native, old.format);
  const name = nameOf({ fileName: old.key, kind: 'file' });
  await refuseExisting(session, { pool, name }, options);
  await refuseTooLarge(session, place.pool, thick ? sizeBytes : BigInt(old.allocatedBytes), options);
  const planned: VolumeId = { pool, key: backend.keyOf(name) };
  // Leaves nothing when it fails, and what somebody else made by this name in between is not ours to take back.
  const id = await backend.blank(place, { id: planned, name, sizeBytes, thick }, options);
  undo.push(`volume ${id.key}`, takeBack(session, id));
  return id;
}

/** The format that it had, or the pool's own where it is a pool of another kind. */
function backendLike(pool: NativePool, format: DiskFormat): Backend {
  const preferred = backendFor(pool);
  return isVolumeFormat(format) && preferred.format !== 'raw' ? backendFor(pool, format) : preferred;
}

/** Removes a volume that was made for a machine; one that is gone is no error. */
export const takeBack =
  (session: LibvirtSession, id: VolumeId): Undo =>
  (options) =>
    removeVolume(session, id, options);
