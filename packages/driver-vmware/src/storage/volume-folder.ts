import { DriverError, isDriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { folderOf } from '../convert/datastore-path.js';
import { fileName, keepsObjects, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { ensureTopFolder } from './datastore-folders.js';
import { searchFolder } from './folder-search.js';
import { aboutVolume, type FileFormat } from './volume-file.js';

/** Folder of a datastore that all volumes are in, each in a folder of its own: that is what makes names unique. */
export const VOLUMES_FOLDER = 'virt-drivers';

/** Path of the volume of this name. */
export const pathOf = (name: string, format: FileFormat): string => `${VOLUMES_FOLDER}/${name}/${name}.${format}`;

/** The key's volume name; undefined for a file that is none of ours. */
export function ownName(key: string): string | undefined {
  const [top, folder = '', file = '', ...more] = key.split('/');
  return top === VOLUMES_FOLDER &&
    more.length === 0 &&
    /^\.(vmdk|iso)$/.test(file.slice(folder.length)) &&
    file.startsWith(folder)
    ? folder
    : undefined;
}

/**
 * Makes the folder of a new volume; of several who try one succeeds. One without anything in it is taken over: a
 * process that was killed, or an answer that was lost, left it. Errors: `VOLUME.EXISTS`.
 */
export async function makeFolder(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<void> {
  const make = (): Promise<void> => makeDirectory(session, store, id, folderOf(id.key), options);
  try {
    await make().catch(async (error: unknown) => {
      // The folder of all volumes is missing, the answer was lost, or the volume's own is there.
      if (!isDriverError(error) || error.code === 'VOLUME.EXISTS') throw error;
      if (error.code !== 'HOST.CONNECTION_LOST')
        await ensureTopFolder(session, store, VOLUMES_FOLDER, aboutVolume(id), options);
      await make();
    });
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.EXISTS')) throw error;
    if ((await searchFolder(session, store, folderOf(id.key), ['*'], options)).length > 0) throw error;
  }
}

async function makeDirectory(
  { center }: VmwareSession,
  store: Datastore,
  id: VolumeId,
  path: string,
  options: CallOptions,
): Promise<void> {
  const { fileManager } = center.content;
  if (!fileManager) throw lacksFiles(store);
  const request = { name: fileName(store, path), datacenter: store.datacenter.ref, createParentDirectories: false };
  await center.call(aboutVolume(id), options, (vsphere, call) =>
    vsphere.invoke(fileManager, 'MakeDirectory', request, call),
  );
}

/** Removes a volume's folder with all that is in it. Succeeds when it is not there. */
export async function removeFolder(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<void> {
  const { fileManager } = session.center.content;
  if (!fileManager) throw lacksFiles(store);
  if (keepsObjects(store)) await removeObject(session, store, id, options);
  const request = { name: fileName(store, folderOf(id.key)), datacenter: store.datacenter.ref };
  try {
    await session.runTask(aboutVolume(id), options, (vsphere, call) =>
      vsphere.invoke(fileManager, 'DeleteDatastoreFile_Task', request, call),
    );
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return;
    // QUIRK(vcsim): a file that is not there is CannotDeleteFile. govmomi simulator/file_manager.go
    if (
      isDriverError(error) &&
      error.native?.code === 'CannotDeleteFile' &&
      !(await isThere(session, store, id, options))
    )
      return;
    throw error;
  }
}

/** A disk on vSAN or virtual volumes is an object: with its file alone, the object would stay for ever. */
export async function removeObject(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<void> {
  const { virtualDiskManager } = session.center.content;
  if (!virtualDiskManager || !id.key.endsWith('.vmdk')) return;
  const request = { name: fileName(store, id.key), datacenter: store.datacenter.ref };
  await session
    .runTask(aboutVolume(id), options, (vsphere, call) =>
      vsphere.invoke(virtualDiskManager, 'DeleteVirtualDisk_Task', request, call),
    )
    .catch((error: unknown) => {
      if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
    });
}

const isThere = async (
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<boolean> => (await session.datastoreFiles.head(store, id.key, options)) !== undefined;

const lacksFiles = ({ id }: Datastore): DriverError =>
  new DriverError('CAPABILITY.ABSENT', `Pool ${id} is on an endpoint without a file manager.`, { subject: id });
