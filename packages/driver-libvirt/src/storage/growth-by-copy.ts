import { isDriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import type { NativeVolume } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import type { OldFile } from './backend.js';
import { fillFrom } from './filling.js';
import { unmake } from './making.js';

/*
 * Some volumes libvirt can make in any size and never in another one. They grow by being copied to a larger one and
 * back, because nothing can be renamed. Whoever is killed in between leaves one of three things, told apart by sizes:
 *
 *   volume smaller than its copy     the copy may be half done: the volume counts, and the copy goes
 *   no volume, a copy                the copy is complete: it counts
 *   volume as large as its copy      the volume may be half done: the copy counts
 *
 * At no time is there less than one whole.
 */

/** Name of the larger copy. Names of volumes have no `+`. */
export const growthName = (key: string): string => `vd-grow+${key}`;

/** True for such copies, which are no volumes to anybody. */
export const isGrowth = (key: string): boolean => key.startsWith('vd-grow+');

/** Makes a volume of this size, as zeros or not. */
export type MakeSized = (id: VolumeId, sizeBytes: bigint, options: CallOptions) => Promise<void>;

/** Grows a volume that no running machine has. Errors: `POOL.FULL`; the volume is then as it was. */
export async function growByCopy(
  session: LibvirtSession,
  { id, native }: OldFile,
  sizeBytes: bigint,
  make: MakeSized,
  options: CallOptions,
): Promise<void> {
  if (native.capacityBytes >= sizeBytes) return;
  const larger: VolumeId = { pool: id.pool, key: growthName(id.key) };
  const drop = unmake(session, larger);
  await drop(options);
  try {
    await make(larger, sizeBytes, options);
    await fillFrom(session, larger, { id, native }, () => undefined, options);
  } catch (error) {
    await drop({});
    throw error;
  }
  await unmake(session, id)(options);
  await settleGrowth(session, id, make, options);
}

/** Finishes what a growth left that was interrupted; nothing to do for any other volume. May be repeated. */
export async function settleGrowth(
  session: LibvirtSession,
  id: VolumeId,
  make: MakeSized,
  options: CallOptions,
): Promise<void> {
  const copy: VolumeId = { pool: id.pool, key: growthName(id.key) };
  const larger = await readIfThere(session, copy, options);
  if (!larger) return;
  const volume = await readIfThere(session, id, options);
  if (!volume || volume.capacityBytes >= larger.capacityBytes) {
    if (!volume) await make(id, larger.capacityBytes, options);
    await fillFrom(session, id, { id: copy, native: larger }, () => undefined, options);
  }
  await unmake(session, copy)(options);
}

async function readIfThere(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): Promise<NativeVolume | undefined> {
  try {
    return await session.files.read(id, options);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return undefined;
    throw error;
  }
}
