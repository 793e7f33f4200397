import type { VolumeId } from '@virt-drivers/core';
import type { AnyVirtualDeviceBackingInfo, Reference } from '@virt-drivers/vsphere';
import { fileOf, folderOf, parsePath } from './datastore-path.js';

/** A file that backs a device. */
export interface BackingFile {
  readonly fileName: string;
  readonly datastore?: Reference<'Datastore'> | undefined;
}

/** Finds the volume behind a backing. */
export type Locate = (file: BackingFile) => VolumeId | undefined;

/** The file behind a device; undefined for a drive without medium. */
export function backingFile(backing: AnyVirtualDeviceBackingInfo | undefined): BackingFile | undefined {
  if (!backing || !('fileName' in backing) || backing.fileName === '') return undefined;
  const { fileName, datastore } = backing;
  return { fileName, ...(datastore && { datastore: { type: 'Datastore', value: datastore.value } }) };
}

/** A file and those that it continues, the disk's own first. */
export function backingChain(backing: AnyVirtualDeviceBackingInfo | undefined): readonly BackingFile[] {
  const file = backingFile(backing);
  if (!backing || !file) return [];
  return 'parent' in backing ? [file, ...backingChain(backing.parent)] : [file];
}

/**
 * Where in a chain the file is that was attached: below all that snapshots put on top, which come and go with them.
 * What it continues itself, as a linked clone does, is another's. 0 for a disk without snapshots.
 */
export function attachedIn(chain: readonly BackingFile[]): number {
  const found = chain.findIndex((file, index) => !isOfSnapshot(file, chain[index + 1]));
  return Math.max(0, found);
}

/** What a disk's device is known by, whatever snapshots it has. */
export const attachedFile = (backing: AnyVirtualDeviceBackingInfo | undefined): BackingFile | undefined => {
  const chain = backingChain(backing);
  return chain[attachedIn(chain)];
};

/**
 * Hosts call the file that a snapshot makes writes go to by the disk's name and a number: `web-000001.vmdk`, then
 * `web-000002.vmdk`, beside the disk or in the machine's working directory. A disk of such a name that somebody made
 * lies in a folder of its own name.
 */
function isOfSnapshot(file: BackingFile, below: BackingFile | undefined): boolean {
  const path = pathOf(file);
  const own = NUMBERED.exec(fileOf(path));
  if (!below || !own) return false;
  const [name, stem = ''] = own;
  if (fileOf(folderOf(path)) === name.replace(/\.vmdk$/, '')) return false;
  const parent = fileOf(pathOf(below));
  return parent === `${stem}.vmdk` || NUMBERED.exec(parent)?.[1] === stem;
}

const NUMBERED = /^(.+)-\d{6}\.vmdk$/;

const pathOf = ({ fileName }: BackingFile): string => parsePath(fileName)?.path ?? fileName;
