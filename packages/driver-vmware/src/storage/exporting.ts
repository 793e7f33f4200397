import { DriverError, type CallOptions, type DiskFormat, type VolumeId } from '@virt-drivers/core';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { randomUUID } from 'node:crypto';
import { keepsObjects } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { atRest, copyDisk } from './copying.js';
import { leasedBytes } from './leased-export.js';
import { zeros } from './making.js';
import { aboutVolume, readVolumeFile, type VolumeFile } from './volume-file.js';
import { makeFolder, pathOf, removeFolder } from './volume-folder.js';

/** The content of a volume: `raw` as a guest reads it, or `vmdk` as a stream-optimised one. */
export async function* exportVolume(
  session: VmwareSession,
  id: VolumeId,
  format: DiskFormat = 'raw',
  options: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  const found = await readVolumeFile(session, id, options);
  if (format !== 'raw' && format !== found.format)
    throw new DriverError(
      'REQUEST.INVALID',
      `Volume ${id.key} can be exported as raw or ${found.format}, not as ${format}.`,
    );
  const file = await atRest(session, found, options);
  if (file.format === 'iso') yield* session.datastoreFiles.download(file.store, id.key, { start: 0n }, options);
  else if (format === 'vmdk')
    yield* writeStreamOptimised(rawBytes(session, file, options), { sizeBytes: file.sizeBytes });
  else yield* rawBytes(session, file, options);
}

async function* rawBytes(session: VmwareSession, file: VolumeFile, options: CallOptions): AsyncGenerator<Uint8Array> {
  const { flat, parent, continuedBy } = file;
  // A disk of several files, or one in an object, has no file with its bytes: a full copy has.
  if (flat === undefined || parent !== undefined || continuedBy || keepsObjects(file.store))
    yield* rawBytesOfCopy(session, file, options);
  else yield* flatBytes(session, file, flat, options);
}

/** The bytes of a flat extent. */
async function* flatBytes(
  session: VmwareSession,
  { id, store, sizeBytes }: VolumeFile,
  named: string,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  // QUIRK(vcsim): a copy's descriptor names the extent of its source; the copy's own has the usual name.
  const usual = id.key.replace(/\.vmdk$/, '-flat.vmdk');
  const [flat, stored] = await firstThere(session, store, [named, usual], options);
  const end = stored < sizeBytes ? stored : sizeBytes;
  if (end > 0n) yield* session.datastoreFiles.download(store, flat, { start: 0n, end }, options);
  // QUIRK(vcsim): extents are as long as what was written; hosts make them as long as the disk.
  yield* zeros(sizeBytes - end);
}

async function firstThere(
  { datastoreFiles }: VmwareSession,
  store: VolumeFile['store'],
  paths: readonly string[],
  options: CallOptions,
): Promise<readonly [string, bigint]> {
  for (const path of paths) {
    const found = await datastoreFiles.head(store, path, options);
    if (found) return [path, found.sizeBytes];
  }
  throw new DriverError('HOST.FAILED', `Pool ${store.id} lacks the file ${paths[0]}, which its volume names.`);
}

async function* rawBytesOfCopy(
  session: VmwareSession,
  source: VolumeFile,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const { store } = source;
  const id = { pool: source.id.pool, key: pathOf(`vd-export-${randomUUID()}`, 'vmdk') };
  await makeFolder(session, store, id, options);
  try {
    await copyDisk(session, source, store, id, { ...aboutVolume(id), within: { minutes: 600 } }, options);
    const copy = await readVolumeFile(session, id, options);
    if (keepsObjects(store)) yield* leasedBytes(session, copy, options);
    else if (copy.flat !== undefined) yield* flatBytes(session, copy, copy.flat, options);
    else
      throw new DriverError('HOST.FAILED', `Volume ${source.id.key} has no file with its bytes.`, { subject: id.key });
  } finally {
    // Also when the reader leaves early or gave up: not under its signal.
    await removeFolder(session, store, id, {});
  }
}
