import { DriverError, isDriverError, type CallOptions, type MachineId, type VolumeId } from '@virt-drivers/core';
import { storageVolDelete } from '@virt-drivers/libvirt';
import { readAttachments } from '../attachments.js';
import type { LibvirtSession } from '../session.js';
import { aboutVolume, volumeOf } from './files.js';

/** Refuses to delete what somebody needs. Errors: `VOLUME.IN_USE`. */
export async function refuseRemovalOfUsed(
  { domains, files }: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
  owner?: MachineId,
): Promise<void> {
  const [attachments, clones] = await Promise.all([readAttachments(domains, options), files.continuedBy(id, options)]);
  const user = attachments.of(id).find(({ machine }) => machine !== owner)?.machine;
  if (user) throw inUse(id, `is attached to machine ${user}. Detach it first.`, user);
  const [clone] = clones;
  if (clone) throw inUse(id, `is the base of volume ${clone.key}. Delete that first.`, clone.key);
}

/** Deletes a volume that nobody needs; one that is gone is no error. Errors: `VOLUME.IN_USE`. */
export async function removeVolume(session: LibvirtSession, id: VolumeId, options: CallOptions, owner?: MachineId): Promise<void> {
  try {
    await refuseRemovalOfUsed(session, id, options, owner);
    await session.daemon.call({ ...aboutVolume(id), within: { minutes: 2 }, long: true }, options, (connection, call) =>
      storageVolDelete(connection, volumeOf(id), 0, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
  }
}

const inUse = ({ key }: VolumeId, why: string, heldBy: string): DriverError =>
  new DriverError('VOLUME.IN_USE', `Volume ${key} ${why}`, { subject: key, heldBy });
