import { isDriverError, type CallOptions } from '@virt-drivers/core';
import type { HostDatastoreBrowserSearchResults } from '@virt-drivers/vsphere';
import { parsePath } from '../convert/datastore-path.js';
import type { About } from '../errors.js';
import { fileName, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';

const DETAILS = { fileType: false, fileSize: false, modification: false, fileOwner: false };

/** Paths of the files in a folder of a datastore and in those below it; none where the folder is not there. */
export async function searchFolder(
  session: VmwareSession,
  store: Datastore,
  folder: string,
  patterns: readonly string[],
  options: CallOptions,
): Promise<readonly string[]> {
  const about: About = {
    what: `Pool ${store.id}`,
    subject: store.id,
    reads: true,
    notFound: 'POOL.NOT_FOUND',
    means: { FileNotFound: { code: 'VOLUME.NOT_FOUND', says: 'has no such folder' } },
  };
  const { browser } = await session.center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(store.ref, ['browser'], call),
  );
  if (!browser) return [];
  const request = {
    datastorePath: fileName(store, folder),
    searchSpec: { matchPattern: [...patterns], details: DETAILS },
  };
  try {
    const result = await session.runTask(about, options, (vsphere, call) =>
      vsphere.invoke(browser, 'SearchDatastoreSubFolders_Task', request, call),
    );
    return pathsIn(result);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return [];
    throw error;
  }
}

/** The paths in the results of a search, which are `any` on the wire. */
function pathsIn(result: unknown): readonly string[] {
  const folders = Array.isArray(result) ? result.filter(isFolder) : [];
  return folders.flatMap(({ folderPath = '', file = [] }) => {
    const folder = parsePath(folderPath)?.path ?? '';
    return file.map(({ path }) => `${folder}/${path}`);
  });
}

const isFolder = (one: unknown): one is HostDatastoreBrowserSearchResults =>
  typeof one === 'object' && one !== null && 'folderPath' in one;
