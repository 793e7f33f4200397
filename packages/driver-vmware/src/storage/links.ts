import { DriverError, isDriverError, sameVolume, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import { fileOf, folderOf } from '../convert/datastore-path.js';
import { parentVolume } from '../convert/parent-hint.js';
import { fileName, keepsObjects, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { searchFolder } from './folder-search.js';
import { aboutVolume, readVolumeFile, type VolumeFile } from './volume-file.js';
import { ownName, pathOf } from './volume-folder.js';

const unlessGone = undefinedOn('VOLUME.NOT_FOUND', 'POOL.NOT_FOUND');

/**
 * Beside a volume that others continue lies a file for each of these, `NAME.link`: vSphere itself does not know which
 * disks continue one. It is there before they are, and counts as long as the disk that it names says so too. Whether
 * there are any is one look at a file: everybody who attaches a disk wants to know.
 */
const LINK = /\.link$/;
const HAS_LINKS = 'continued';

/** The volume that this one continues; undefined for a whole one, or where it cannot be told. */
export const baseOf = ({ id, store, parent }: VolumeFile): VolumeId | undefined =>
  parent === undefined ? undefined : parentVolume(parent, id, store);

/** Notes that a volume of this name is going to continue another one. */
export async function noteLink(
  { datastoreFiles }: VmwareSession,
  { id, store }: VolumeFile,
  name: string,
  options: CallOptions,
): Promise<void> {
  for (const path of [`${folderOf(id.key)}/${HAS_LINKS}`, linkPath(id, name)])
    await datastoreFiles.writeText(store, path, `${name}\n`, options);
}

/** The volume that this one continues, as it is now. */
export async function findBase(
  session: VmwareSession,
  id: VolumeId,
  options: CallOptions,
): Promise<VolumeId | undefined> {
  const file = await readVolumeFile(session, id, options).catch(unlessGone);
  return file && baseOf(file);
}

/** Takes the note away after the volume that it names; one that stays means nothing. */
export async function forgetLink(
  { center, runTask }: VmwareSession,
  store: Datastore,
  base: VolumeId,
  gone: VolumeId,
  options: CallOptions,
): Promise<void> {
  const { fileManager } = center.content;
  const name = ownName(gone.key);
  if (!fileManager || name === undefined || !canBeContinued(base)) return;
  const request = { name: fileName(store, linkPath(base, name)), datacenter: store.datacenter.ref };
  await runTask(aboutVolume(base), options, (vsphere, call) =>
    vsphere.invoke(fileManager, 'DeleteDatastoreFile_Task', request, call),
  ).catch((error: unknown) => {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'HOST.FAILED')) throw error;
  });
}

const linkPath = (base: VolumeId, name: string): string => `${folderOf(base.key)}/${name}.link`;

/** The volumes that continue this one themselves. */
export async function continuedBy(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<readonly VolumeId[]> {
  if (keepsObjects(store) || folderOf(id.key) === '' || !id.key.endsWith('.vmdk')) return [];
  if (!(await session.datastoreFiles.head(store, `${folderOf(id.key)}/${HAS_LINKS}`, options))) return [];
  const links = await searchFolder(session, store, folderOf(id.key), ['*.link'], options);
  const found: VolumeId[] = [];
  for (const link of links) {
    const named = { pool: id.pool, key: pathOf(fileOf(link).replace(LINK, ''), 'vmdk') };
    const file = await readVolumeFile(session, named, options).catch(unlessGone);
    const base = file && baseOf(file);
    if (base && sameVolume(base, id)) found.push(named);
  }
  return found;
}

/** How many volumes continue this one, also through others. */
export async function countOfUsers(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<number> {
  let count = 0;
  for (const user of await continuedBy(session, store, id, options))
    count += 1 + (await countOfUsers(session, store, user, options));
  return count;
}

/** Errors: `VOLUME.IN_USE` when another volume continues it: it has to stay as it is. */
export async function refuseContinued(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<void> {
  const [user] = await continuedBy(session, store, id, options);
  if (!user) return;
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${id.key} has to stay as it is: volume ${user.key} continues it. Delete that first.`,
    { subject: id.key, heldBy: user.key },
  );
}

/** True for volumes that only this driver changes, so that others can rely on them. */
export const canBeContinued = ({ key }: VolumeId): boolean =>
  ownName(key) !== undefined || key.startsWith('virt-drivers-images/');
