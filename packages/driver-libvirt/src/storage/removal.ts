import { DriverError, isDriverError, type CallOptions, type MachineId, type VolumeId } from '@virt-drivers/core';
import { storageVolDelete } from '@virt-drivers/libvirt';
import { isEncrypted } from '../convert/encryption-xml.js';
import { nameOf } from '../convert/volume-xml.js';
import type { About } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { aboutVolume, volumeOf } from './files.js';
import { dropKey } from './volume-keys.js';
import { continuing, placeOf } from './place.js';
import { intermediatesOf } from './volume-view.js';

/** Refuses to delete what somebody needs. Errors: `VOLUME.IN_USE`. */
export async function refuseRemovalOfUsed(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
  owner?: MachineId,
): Promise<void> {
  const [users, clones] = await Promise.all([session.attachments(options), continuing(session, id, options)]);
  const user = users.of(id).find(({ machine }) => machine !== owner)?.machine;
  if (user) throw inUse(id, `is attached to machine ${user}. Detach it first.`, user);
  const [clone] = clones;
  if (clone) throw inUse(id, `is the base of volume ${clone.key}. Delete that first.`, clone.key);
}

/** Deletes a volume that nobody needs; one that is gone is no error. Errors: `VOLUME.IN_USE`. */
export async function removeVolume(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
  owner?: MachineId,
): Promise<void> {
  try {
    await refuseRemovalOfUsed(session, id, options, owner);
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
  }
  try {
    const { place, backend } = await placeOf(session, id, options);
    await backend.remove(place, id, options);
    const path = `${place.native.directory}/${id.key}`;
    if (isEncrypted(path, place.native.type === 'dir' ? 'file' : 'block')) await dropKey(session, path, options);
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
  }
}

/** Deletes a file and what it was converted from. */
export async function removeFile(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  try {
    await deleteFile(session, id, options);
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
  await removeIntermediates(session, id, options);
}

/** Errors: `VOLUME.NOT_FOUND`, `VOLUME.BUSY`. */
export const deleteFile = ({ daemon }: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> =>
  daemon.call({ ...aboutRemoval(id), within: { minutes: 2 }, long: true }, options, (connection, call) =>
    storageVolDelete(connection, volumeOf(id), 0, call),
  );

// libvirt has one code for a volume that is still being written and for a pool that is not active; the pool was just read.
const aboutRemoval = (id: VolumeId): About => {
  const about = aboutVolume(id);
  return {
    ...about,
    means: {
      ...about.means,
      OPERATION_INVALID: { code: 'VOLUME.BUSY', says: 'is still being written; try again later' },
    },
  };
};

/** What the volume was converted from, when a process died over that. */
async function removeIntermediates(
  session: LibvirtSession,
  { pool, key }: VolumeId,
  options: CallOptions,
): Promise<void> {
  const files = intermediatesOf(nameOf({ fileName: key, kind: 'file' })).filter((file) => file !== key);
  await Promise.all(
    files.map((file) =>
      deleteFile(session, { pool, key: file }, options).catch((error: unknown) => {
        if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
      }),
    ),
  );
}

const inUse = ({ key }: VolumeId, why: string, heldBy: string): DriverError =>
  new DriverError('VOLUME.IN_USE', `Volume ${key} ${why}`, { subject: key, heldBy });
