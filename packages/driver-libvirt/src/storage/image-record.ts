import { isDriverError, poolId, type CallOptions, type Checksum, type VolumeId } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import { storageVolCreateXml, storageVolResize } from '@virt-drivers/libvirt';
import { volumeXml } from '../convert/volume-xml.js';
import type { Place } from './backend.js';
import { aboutVolume, volumeOf } from './files.js';
import { recordName } from './image-names.js';
import { unmake } from './making.js';

const unlessGone = undefinedOn('VOLUME.NOT_FOUND');

/** What a pool says of a cached image. */
export interface ImageRecord {
  readonly image: VolumeId;
  readonly lastUsedAt: Date;
}

// The record is a thin disk that nobody writes to, so that its size is free to tell the time of the last use.
const SECTOR = 512n;
const sizeFor = (time: Date): bigint => BigInt(Math.floor(time.getTime() / 1000)) * SECTOR;
const timeOf = (size: bigint): Date => new Date(Number(size / SECTOR) * 1000);

const idOf = ({ native }: Place, checksum: Checksum): VolumeId => ({
  pool: poolId(native.name),
  key: recordName(checksum),
});

/** The record of this content, or undefined. One whose image somebody deleted behind our back is removed. */
export async function readRecord(
  place: Place,
  checksum: Checksum,
  call: CallOptions,
): Promise<ImageRecord | undefined> {
  const { files, pools } = place.session;
  const id = idOf(place, checksum);
  const record = await files.read(id, call).catch(unlessGone);
  if (!record?.backing) return undefined;
  const image = await pools.locate(record.backing.path, call);
  if (await files.read(image, call).catch(unlessGone)) return { image, lastUsedAt: timeOf(record.capacityBytes) };
  await withdrawRecord(place, checksum, call);
  return undefined;
}

/** Makes the image count. Errors: `VOLUME.EXISTS` when another import counts already. */
export async function publishRecord(
  place: Place,
  checksum: Checksum,
  image: { readonly path: string; readonly format: 'qcow2' | 'raw' | 'iso' },
  call: CallOptions,
): Promise<void> {
  const id = idOf(place, checksum);
  const plan = { fileName: id.key, format: 'qcow2', capacityBytes: sizeFor(new Date()), backing: image } as const;
  await place.session.daemon.call(aboutVolume(id), call, (connection, own) =>
    storageVolCreateXml(connection, place.pool, volumeXml(plan), 0, own),
  );
}

/** No new use finds the image after this. */
export const withdrawRecord = (place: Place, checksum: Checksum, call: CallOptions): Promise<void> =>
  unmake(place.session, idOf(place, checksum))(call);

const RECENT_MILLISECONDS = 60_000;

/** Notes that the image was used now; to the minute. */
export async function noteUse(place: Place, checksum: Checksum, last: Date, call: CallOptions): Promise<Date> {
  const now = new Date();
  if (now.getTime() - last.getTime() < RECENT_MILLISECONDS) return last;
  const id = idOf(place, checksum);
  try {
    await place.session.daemon.call(aboutVolume(id), call, (connection, own) =>
      storageVolResize(connection, volumeOf(id), sizeFor(now), 0, own),
    );
  } catch (error) {
    // Somebody else noted a later use, or removed the image, which the maker of the next volume is told.
    if (!isDriverError(error) || error.code.startsWith('HOST.') || error.code.startsWith('CALL.')) throw error;
  }
  return now;
}
