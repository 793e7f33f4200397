import {
  bytes,
  DriverError,
  isDriverError,
  type CallOptions,
  type PoolId,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import { readAttachments, type Attachment, type Attachments } from '../attachments.js';
import type { Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { searchFolder } from './folder-search.js';
import { baseOf } from './links.js';
import { readVolumeFile, type VolumeFile } from './volume-file.js';
import { ownName, pathOf, VOLUMES_FOLDER } from './volume-folder.js';
import { FORMATS } from './making.js';

const unlessGone = undefinedOn('VOLUME.NOT_FOUND', 'POOL.NOT_FOUND');

/** The contract's view of a volume's file. */
export function toVolume(file: VolumeFile, attachments: Attachments): Volume {
  const uses = attachments.of(file.id);
  const base = baseOf(file);
  return {
    id: file.id,
    name: ownName(file.id.key) ?? file.name,
    format: file.format,
    sizeBytes: bytes(sizeNow(file, uses)),
    ...(base && { base }),
    attachedTo: [...new Set(uses.flatMap(({ machine, own }) => (own ? [machine] : [])))],
  };
}

/** The size that guests see: a machine that runs knows of its disk's growth before the file does. */
export const sizeNow = ({ sizeBytes }: VolumeFile, users: readonly Attachment[]): bigint =>
  users.reduce((most, user) => (user.own && user.sizeBytes > most ? user.sizeBytes : most), sizeBytes);

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
  const paths = await searchFolder(session, store, VOLUMES_FOLDER, ['*.vmdk', '*.iso'], options);
  const keys = paths.filter((path) => ownName(path) !== undefined);
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
