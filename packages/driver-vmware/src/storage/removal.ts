import { DriverError, isDriverError, type CallOptions, type MachineId, type VolumeId } from '@virt-drivers/core';
import { readAttachments } from '../attachments.js';
import { fileName } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { findBase, forgetLink, refuseContinued } from './links.js';
import { diskManager } from './making.js';
import { aboutVolume, formatOf } from './volume-file.js';
import { ownName, removeFolder } from './volume-folder.js';

/** Errors: `VOLUME.IN_USE` when a machine has it, or continues it; `except` is a machine that is just being removed. */
export async function refuseRemovalOfUsed(
  session: VmwareSession,
  id: VolumeId,
  options: CallOptions,
  except?: MachineId,
): Promise<void> {
  const uses = (await readAttachments(session, [id.pool], options)).of(id);
  const user = uses.find(({ machine }) => machine !== except);
  if (!user) {
    const store = (await session.inventory.datastores(options)).find((one) => one.id === id.pool);
    if (store) await refuseContinued(session, store, id, options);
    return;
  }
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${id.key} is attached to machine ${user.machine}. Detach it there first.`,
    { subject: id.key, heldBy: user.machine },
  );
}

/** Deletes a volume that nothing uses. Succeeds when it is not there. */
export async function removeVolume(session: VmwareSession, id: VolumeId, options: CallOptions): Promise<void> {
  if (!formatOf(id.key)) return;
  const store = await session.inventory.datastore(id.pool, options).catch((error: unknown) => {
    if (isDriverError(error, 'POOL.NOT_FOUND')) return undefined;
    throw error;
  });
  if (!store) return;
  session.repeats.forget(id);
  if (ownName(id.key) !== undefined) {
    const base = await findBase(session, id, options);
    await removeFolder(session, store, id, options);
    if (base) await forgetLink(session, store, base, id, options);
    return;
  }
  // A disk that somebody else made: nothing but its own files.
  const request = { name: fileName(store, id.key), datacenter: store.datacenter.ref };
  try {
    await session.runTask(aboutVolume(id), options, (vsphere, call) =>
      vsphere.invoke(diskManager(session, id), 'DeleteVirtualDisk_Task', request, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
}
