import { isDriverError, poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { retryWhile, undefinedOn, withUndo } from '@virt-drivers/core/kit';
import {
  storagePoolCreateXml,
  storagePoolDestroy,
  storagePoolLookupByName,
  storageVolCreateXml,
  type StoragePool,
} from '@virt-drivers/libvirt';
import {
  DESCRIPTOR_FILE,
  descriptorXml,
  folderPoolName,
  folderPoolXml,
  folderXml,
  header,
  IMAGE_FILE,
  layoutOf,
  sizeNoteName,
} from '../convert/ploop.js';
import { refreshPool } from '../pool-refresh.js';
import type { LibvirtSession } from '../session.js';
import type { Place } from './backend.js';
import { upload } from './content.js';
import { aboutVolume } from './files.js';
import { makeFile, making, unmake } from './making.js';
import { deleteFile } from './removal.js';

/*
 * libvirt makes folders, and puts no files into them. So for as long as that takes a folder is a pool of its own, by a
 * name that tells whose it is: what a killed process left of it goes when the volume is made again or deleted.
 *
 *   the folder          somebody has the name; it holds nothing yet
 *   its two files       libvirt knows the folder as a volume that it can delete, with all that is in it
 *   the size's note     the volume is finished
 *
 * They go in the order in which they came: a volume that has its note but no folder is none.
 */

/** Makes a volume of zeros. After an error there is none. Errors: `VOLUME.EXISTS`, `POOL.FULL`. */
export async function makeFolder(
  { session, pool, native }: Place,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  await withUndo(async (undo) => {
    const folder = () =>
      session.daemon.call(aboutVolume(id), options, (connection, call) =>
        storageVolCreateXml(connection, pool, folderXml(id.key), 0, call),
      );
    await making(undo, session, id, folder, (own) => removeFolder(session, id, own));
    const files = (inside: StoragePool) => putFiles(session, inside, sizeBytes, options);
    await insideFolder(session, id, `${native.directory}/${id.key}`, files, options);
    // Until it looks, libvirt knows a folder and nothing else.
    await refreshPool(session, id.pool, options);
    const size = { pool: id.pool, key: sizeNoteName(id.key) };
    // What a removal left that was cut short would be another size's.
    await unmake(session, size)(options);
    await makeFile(session, pool, { fileName: size.key, format: 'raw', capacityBytes: sizeBytes }, options);
  });
}

async function putFiles(
  session: LibvirtSession,
  inside: StoragePool,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const layout = layoutOf(sizeBytes);
  const descriptor = Buffer.from(descriptorXml(layout));
  await put(session, inside, DESCRIPTOR_FILE, descriptor, BigInt(descriptor.length), options);
  // What follows is the table, of clusters that are not there: zeros.
  await put(session, inside, IMAGE_FILE, header(layout), layout.dataBytes, options);
}

async function put(
  session: LibvirtSession,
  inside: StoragePool,
  fileName: string,
  content: Uint8Array,
  capacityBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const id = await makeFile(session, inside, { fileName, format: 'raw', capacityBytes }, options);
  await upload(session, id, [content], BigInt(content.length), options);
}

/** Works on a folder as a pool. */
async function insideFolder(
  session: LibvirtSession,
  id: VolumeId,
  path: string,
  work: (inside: StoragePool) => Promise<void>,
  options: CallOptions,
): Promise<void> {
  const name = folderPoolName(id.pool, id.key);
  await leaveFolder(session, id, options);
  const inside = await session.daemon.call(aboutVolume(id), options, (connection, call) =>
    storagePoolCreateXml(connection, folderPoolXml(name, path), 0, call),
  );
  try {
    await work(inside);
  } finally {
    // Also under a signal that has come.
    await leaveFolder(session, id, {});
  }
}

/** Ends the pool that a folder is, or was left as. */
async function leaveFolder({ daemon }: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const name = folderPoolName(id.pool, id.key);
  const about = { what: `Pool ${name}`, subject: name, means: AT_WORK };
  const leave = (bounded: CallOptions): Promise<void> =>
    daemon.call(about, bounded, async (connection, call) =>
      storagePoolDestroy(connection, await storagePoolLookupByName(connection, name, call), call),
    );
  // libvirt looks at a pool that got a file, and does not end it meanwhile.
  const busy = (error: unknown): boolean => isDriverError(error, 'POOL.UNAVAILABLE');
  await retryWhile(options, leave, { when: busy }).catch(undefinedOn('POOL.NOT_FOUND'));
}

const AT_WORK = { INTERNAL_ERROR: { code: 'POOL.UNAVAILABLE', says: 'is being looked at' } } as const;

/** Deletes a volume, whatever there is of it; one that is gone is no error. Errors: `VOLUME.BUSY`. */
export async function removeFolder(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  await leaveFolder(session, id, options);
  if (!(await isDeleted(session, id, options))) {
    // libvirt has not looked since the files came.
    await refreshPool(session, id.pool, options);
    if (!(await isDeleted(session, id, options))) await removeUnfinished(session, id, options);
  }
  await unmake(session, { pool: id.pool, key: sizeNoteName(id.key) })(options);
}

/** False for a folder that libvirt does not take for a volume: such ones it deletes when they are empty only. */
async function isDeleted(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<boolean> {
  try {
    await deleteFile(session, id, options);
  } catch (error) {
    // QUIRK(libvirt 9.0): all that it says of a folder with files is in the text.
    if (isDriverError(error, 'HOST.FAILED', 'DRIVER.FAULT')) return false;
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
  return true;
}

/** What is there is made a volume, and that deleted. */
async function removeUnfinished(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const { directory } = await session.pools.directory(id.pool, options);
  const complete = async (inside: StoragePool): Promise<void> => {
    for (const key of [IMAGE_FILE, DESCRIPTOR_FILE]) await unmake(session, { pool: poolId(inside.name), key })(options);
    await putFiles(session, inside, ANY_SIZE, options);
  };
  await insideFolder(session, id, `${directory}/${id.key}`, complete, options);
  await refreshPool(session, id.pool, options);
  await deleteFile(session, id, options);
}

const ANY_SIZE = 1n << 20n;
