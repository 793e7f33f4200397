import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import type { About } from '../errors.js';
import { fileName, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';

const about = ({ id }: Datastore, path: string): About => ({
  what: `Folder ${path} in pool ${id}`,
  subject: path,
  notFound: 'VOLUME.NOT_FOUND',
  exists: 'VOLUME.EXISTS',
  busy: 'VOLUME.BUSY',
});

/** Makes a folder and those above it. Succeeds when it is there. */
export async function ensureFolder(
  session: VmwareSession,
  store: Datastore,
  path: string,
  options: CallOptions,
): Promise<void> {
  const kind = about(store, path);
  const make = (): Promise<void> => makeFolders(session, store, path, kind, options);
  await unlessThere(
    make().catch(async (error: unknown) => {
      if (!ownsTop(session, store) || !isDriverError(error)) throw error;
      if (error.code === 'VOLUME.EXISTS' || error.code === 'HOST.CONNECTION_LOST') throw error;
      await ensureTopFolder(session, store, topOf(path), kind, options);
      await make();
    }),
  );
}

/** Makes a folder at the top of a datastore. Succeeds when it is there. */
export async function ensureTopFolder(
  session: VmwareSession,
  store: Datastore,
  name: string,
  kind: About,
  options: CallOptions,
): Promise<void> {
  const { center } = session;
  const { datastoreNamespaceManager: manager } = center.content;
  const make =
    manager && ownsTop(session, store)
      ? center.call(kind, options, async (vsphere, call) => {
          await vsphere.invoke(manager, 'CreateDirectory', { datastore: store.ref, displayName: name }, call);
        })
      : makeFolders(session, store, name, kind, options);
  await unlessThere(make);
}

/** On vSAN what is at the top is an object with a namespace of its own, which only its manager makes. */
const ownsTop = ({ center }: VmwareSession, { type }: Datastore): boolean =>
  type === 'vsan' && center.content.datastoreNamespaceManager !== undefined;

const topOf = (path: string): string => path.split('/')[0] ?? path;

async function makeFolders(
  { center }: VmwareSession,
  store: Datastore,
  path: string,
  kind: About,
  options: CallOptions,
): Promise<void> {
  const manager = fileManagerOf(center.content.fileManager, store);
  const request = { name: fileName(store, path), datacenter: store.datacenter.ref, createParentDirectories: true };
  await center.call(kind, options, (vsphere, call) => vsphere.invoke(manager, 'MakeDirectory', request, call));
}

/** Somebody else may be faster. */
const unlessThere = (making: Promise<void>): Promise<void> =>
  making.catch((error: unknown) => {
    if (!isDriverError(error, 'VOLUME.EXISTS')) throw error;
  });

/** Gives a folder another name, at once. Errors: `VOLUME.EXISTS`, `VOLUME.NOT_FOUND`. */
export async function renameFolder(
  { center, runTask }: VmwareSession,
  store: Datastore,
  path: string,
  to: string,
  options: CallOptions,
): Promise<void> {
  const manager = fileManagerOf(center.content.fileManager, store);
  const request = {
    sourceName: fileName(store, path),
    sourceDatacenter: store.datacenter.ref,
    destinationName: fileName(store, to),
    destinationDatacenter: store.datacenter.ref,
    force: false,
  };
  await runTask(about(store, path), options, (vsphere, call) =>
    vsphere.invoke(manager, 'MoveDatastoreFile_Task', request, call),
  );
}

/** Removes a folder with all that is in it. Succeeds when it is not there. */
export async function deleteFolder(
  { center, runTask }: VmwareSession,
  store: Datastore,
  path: string,
  options: CallOptions,
): Promise<void> {
  const manager = fileManagerOf(center.content.fileManager, store);
  const request = { name: fileName(store, path), datacenter: store.datacenter.ref };
  try {
    await runTask(about(store, path), options, (vsphere, call) =>
      vsphere.invoke(manager, 'DeleteDatastoreFile_Task', request, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
}

function fileManagerOf<T>(manager: T | undefined, { id }: Datastore): T {
  if (manager) return manager;
  throw new DriverError('CAPABILITY.ABSENT', `Pool ${id} is on an endpoint without a file manager.`, { subject: id });
}
