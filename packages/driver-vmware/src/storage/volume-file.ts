import { DriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { parseDescriptor } from '@virt-drivers/image-formats';
import type { BackingFile } from '../convert/backing-chain.js';
import { fileOf, folderOf } from '../convert/datastore-path.js';
import type { About } from '../errors.js';
import type { Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';

/** Formats of volumes on datastores: disks, and files that drives read. */
export type FileFormat = 'vmdk' | 'iso';

/** A volume as its file describes it. */
export interface VolumeFile {
  readonly id: VolumeId;
  readonly store: Datastore;
  readonly name: string;
  readonly format: FileFormat;
  readonly sizeBytes: bigint;
  /** Path, in the same datastore, of the file with the bytes as a guest reads them; absent where there is none such. */
  readonly flat?: string;
  /** File name of the disk that this one continues, as its descriptor writes it. */
  readonly parent?: string;
  /** The file with its content of now, where a machine's snapshots made it another. */
  readonly continuedBy?: BackingFile;
}

export const aboutVolume = ({ pool, key }: VolumeId): About => ({
  what: `Volume ${key} in pool ${pool}`,
  subject: key,
  notFound: 'VOLUME.NOT_FOUND',
  exists: 'VOLUME.EXISTS',
  busy: 'VOLUME.BUSY',
});

const SECTOR = 512n;
/** Descriptors are texts of about a kilobyte; whatever is longer is something else. */
const LONGEST_DESCRIPTOR = 65_536;

/** The format that a key names; undefined for a path that cannot be a volume's. */
export function formatOf(key: string): FileFormat | undefined {
  const parts = key.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\p{Cc}[\]\\]/u.test(key))
    return undefined;
  if (/-(flat|delta|sesparse|ctk|rdm|rdmp)\.vmdk$/.test(key)) return undefined;
  return /\.vmdk$/.test(key) ? 'vmdk' : /\.iso$/.test(key) ? 'iso' : undefined;
}

export const volumeNotFound = ({ pool, key }: VolumeId, cause?: unknown): DriverError =>
  new DriverError('VOLUME.NOT_FOUND', `Volume ${key} is not in pool ${pool}.`, {
    subject: key,
    ...(cause !== undefined && { cause }),
  });

/** Reads what the file says of itself. Errors: `VOLUME.NOT_FOUND`. */
export async function readVolumeFile(session: VmwareSession, id: VolumeId, options: CallOptions): Promise<VolumeFile> {
  const format = formatOf(id.key);
  if (!format) throw volumeNotFound(id);
  const store = await session.inventory.datastore(id.pool, options).catch((error: unknown) => {
    // A volume in a pool that is gone is gone.
    throw volumeNotFound(id, error);
  });
  return readFileOn(session, store, id, options);
}

/** The same of a file on a datastore that may be no pool. Errors: `VOLUME.NOT_FOUND`. */
export async function readFileOn(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<VolumeFile> {
  const format = formatOf(id.key);
  if (!format) throw volumeNotFound(id);
  const name = fileOf(id.key).replace(/\.[^.]*$/, '');
  const common = { id, store, name, format };
  if (format === 'iso') {
    const head = await session.datastoreFiles.head(store, id.key, options);
    if (!head) throw volumeNotFound(id);
    return { ...common, sizeBytes: head.sizeBytes };
  }
  const text = await session.datastoreFiles.text(store, id.key, LONGEST_DESCRIPTOR, options);
  if (text === undefined) throw volumeNotFound(id);
  const { extents, parent } = parseDescriptor(text);
  const sectors = extents.reduce((sum, extent) => sum + extent.sectors, 0n);
  const [only] = extents;
  const isFlat = extents.length === 1 && only !== undefined && /^(VMFS|FLAT)$/.test(only.kind) && only.offset === 0n;
  return {
    ...common,
    sizeBytes: sectors * SECTOR,
    ...(isFlat && { flat: beside(id.key, only.fileName) }),
    // QUIRK(vcsim): disks without a parent have a parent's id, but no name of one; hosts write both or neither.
    ...(parent !== undefined && parent !== '' && { parent }),
  };
}

/** A file in the folder of another; only its last part counts, so that no descriptor names a file elsewhere. */
const beside = (key: string, name: string): string =>
  folderOf(key) === '' ? fileOf(name) : `${folderOf(key)}/${fileOf(name)}`;
