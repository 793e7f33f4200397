import { isDriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import type { NativeVolume } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import type { OldFile } from './backend.js';
import { fillFrom } from './filling.js';

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

/** The larger copy. Names of volumes have no `+`. */
const copyOf = ({ pool, key }: VolumeId, { ending = '' }: Remaking): VolumeId => ({
  pool,
  key: `vd-grow+${key}${ending}`,
});

/** True for such copies, which are no volumes to anybody. */
export const isGrowth = (key: string): boolean => key.startsWith('vd-grow+');

/** How volumes and their larger copies come and go. */
export interface Remaking {
  /** What the copy's name ends with beside the volume's, where its format is another one. */
  readonly ending?: string;
  /** Makes a volume of this size, as zeros or not. */
  make(id: VolumeId, sizeBytes: bigint, options: CallOptions): Promise<void>;
  /** One that is gone is no error. */
  remove(id: VolumeId, options: CallOptions): Promise<void>;
}

/** Grows a volume that no running machine has. Errors: `POOL.FULL`; the volume is then as it was. */
export async function growByCopy(
  session: LibvirtSession,
  { id, native }: OldFile,
  sizeBytes: bigint,
  remaking: Remaking,
  options: CallOptions,
): Promise<void> {
  if (native.capacityBytes >= sizeBytes) return;
  const larger = copyOf(id, remaking);
  await remaking.remove(larger, options);
  try {
    await remaking.make(larger, sizeBytes, options);
    await fillFrom(session, larger, { id, native }, () => undefined, options);
  } catch (error) {
    await remaking.remove(larger, {});
    throw error;
  }
  await remaking.remove(id, options);
  await settleGrowth(session, id, remaking, options);
}

/** Finishes what a growth left that was interrupted; nothing to do for any other volume. May be repeated. */
export async function settleGrowth(
  session: LibvirtSession,
  id: VolumeId,
  remaking: Remaking,
  options: CallOptions,
): Promise<void> {
  const copy = copyOf(id, remaking);
  const larger = await readIfThere(session, copy, options);
  if (!larger) return;
  const found = await readIfThere(session, id, options);
  // Without a size it is one that is being made again.
  if (found?.capacityBytes === 0n) await remaking.remove(id, options);
  const volume = found?.capacityBytes === 0n ? undefined : found;
  if (!volume || volume.capacityBytes >= larger.capacityBytes) {
    if (!volume) await remaking.make(id, larger.capacityBytes, options);
    await fillFrom(session, id, { id: copy, native: larger }, () => undefined, options);
  }
  await remaking.remove(copy, options);
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
