import {
  bytes,
  DriverError,
  isDriverError,
  type CallOptions,
  type PoolId,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import type { HostDatastoreBrowserSearchResults } from '@virt-drivers/vsphere';
import { readAttachments, type Attachment, type Attachments } from '../attachments.js';
import { parsePath } from '../convert/datastore-path.js';
import { fileName, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { readVolumeFile, type VolumeFile } from './volume-file.js';
import { ownName, pathOf, VOLUMES_FOLDER } from './volume-folder.js';
import { FORMATS } from './making.js';

/** The contract's view of a volume's file. */
export const toVolume = (file: VolumeFile, attachments: Attachments): Volume => ({
  id: file.id,
  name: ownName(file.id.key) ?? file.name,
  format: file.format,
  sizeBytes: bytes(sizeNow(file, attachments.of(file.id))),
  attachedTo: [...new Set(attachments.of(file.id).flatMap(({ machine, direct }) => (direct ? [machine] : [])))],
});

/** The size that guests see: a machine that runs knows of its disk's growth before the file does. */
export const sizeNow = ({ sizeBytes }: VolumeFile, users: readonly Attachment[]): bigint =>
  users.reduce((most, user) => (user.direct && user.sizeBytes > most ? user.sizeBytes : most), sizeBytes);

/** One volume. Errors: `VOLUME.NOT_FOUND`. */
export async function readVolumeView(session: VmwareSession, id: VolumeId, options: CallOptions): Promise<Volume> {
  const file = await readVolumeFile(session, id, options);
  return toVolume(file, await readAttachments(session, [id.pool], options));
}

/** The volume of this name, in whatever format; undefined when there is none. */
export async function findVolume(
  session: VmwareSession,
  pool: PoolId,
  name: string,
  options: CallOptions,
): Promise<VolumeFile | undefined> {
  for (const format of FORMATS) {
    const file = await readVolumeFile(session, { pool, key: pathOf(name, format) }, options).catch(unlessGone);
    if (file) return file;
  }
  return undefined;
}

/** Descriptors that are read at a time. */
const AT_ONCE = 16;

/** All volumes of a pool; what cannot be read is an error among them. */
export async function* readVolumeViews(
  session: VmwareSession,
  store: Datastore,
  options: CallOptions,
): AsyncGenerator<Volume | DriverError> {
  const keys = await listKeys(session, store, options);
  if (keys.length === 0) return;
  const attachments = await readAttachments(session, [store.id], options);
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const files = await Promise.all(
      keys.slice(start, start + AT_ONCE).map((key) =>
        readVolumeFile(session, { pool: store.id, key }, options).catch((error: unknown) => {
          if (isDriverError(error, 'ACCESS.DENIED', 'HOST.FAILED')) return error;
          return unlessGone(error);
        }),
      ),
    );
    for (const file of files) if (file) yield isDriverError(file) ? file : toVolume(file, attachments);
  }
}

/** The keys of the volumes in our folder. */
async function listKeys(session: VmwareSession, store: Datastore, options: CallOptions): Promise<readonly string[]> {
  const about = {
    what: `Pool ${store.id}`,
    subject: store.id,
    reads: true,
    notFound: 'POOL.NOT_FOUND',
    // The folder is made with the first volume.
    means: { FileNotFound: { code: 'VOLUME.NOT_FOUND', says: 'has no volumes' } },
  } as const;
  const { browser } = await session.center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(store.ref, ['browser'], call),
  );
  if (!browser) return [];
  const request = {
    datastorePath: fileName(store, VOLUMES_FOLDER),
    searchSpec: { matchPattern: ['*.vmdk', '*.iso'], details: DETAILS },
  };
  try {
    const result = await session.runTask(about, options, (vsphere, call) =>
      vsphere.invoke(browser, 'SearchDatastoreSubFolders_Task', request, call),
    );
    return keysIn(result);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return [];
    throw error;
  }
}

const DETAILS = { fileType: false, fileSize: false, modification: false, fileOwner: false };

/** The keys in the results of a search, which are `any` on the wire. */
function keysIn(result: unknown): readonly string[] {
  const folders = Array.isArray(result) ? result.filter(isFolder) : [];
  return folders.flatMap(({ folderPath = '', file = [] }) => {
    const folder = parsePath(folderPath)?.path ?? '';
    return file.map(({ path }) => `${folder}/${path}`).filter((key) => ownName(key) !== undefined);
  });
}

const isFolder = (one: unknown): one is HostDatastoreBrowserSearchResults =>
  typeof one === 'object' && one !== null && 'folderPath' in one;

function unlessGone(error: unknown): undefined {
  if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return undefined;
  throw error;
}
