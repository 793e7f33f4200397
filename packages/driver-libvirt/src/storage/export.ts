import { DriverError, poolId, type CallOptions, type DiskFormat, type VolumeId } from '@virt-drivers/core';
import { StorageVolDownloadFlags, storageVolDownload } from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { chunksOf } from '../chunks.js';
import { formatOf, intermediateName, sameBytes } from '../convert/volume-xml.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import type { OldFile, Place } from './backend.js';
import { withUndo } from '@virt-drivers/core/kit';
import { convertFile } from './converting.js';
import { aboutVolume, mayContinue, volumeOf } from './files.js';
import { checkFormat, refuseTooLarge, unmake } from './making.js';

/** The content of a file, in the format that was asked for; where that is not its own the host converts it first. */
export async function* exportFile(
  { session, pool }: Place,
  { id, native }: OldFile,
  format: DiskFormat,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const wanted = checkFormat(format);
  // libvirt downloads nothing from network stores.
  const direct = native.kind !== 'network' && sameBytes(wanted, formatOf(native));
  if (direct && !(native.backing && mayContinue(native))) {
    yield* download(session, id, options);
    return;
  }
  await refuseTooLarge(session, pool, native.allocatedBytes, options);
  const copy: VolumeId = { pool: poolId(pool.name), key: intermediateName(`export-${randomUUID()}`, wanted) };
  const plan = { fileName: copy.key, format: wanted, capacityBytes: native.capacityBytes };
  try {
    await withUndo((undo) => convertFile(undo, { session, pool }, plan, { id, native }, () => undefined, options));
    yield* download(session, copy, options);
  } finally {
    // Also when the reader leaves early or gave up: not under its signal.
    await unmake(session, copy)({});
  }
}

/** Streams a file as it is, on a connection of its own: the reader's pace is the pace. */
export async function* download(
  { daemon }: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const connection = await daemon.dedicated(options);
  const { SparseStream } = StorageVolDownloadFlags;
  const toTheEnd = 0n;
  try {
    yield* chunksOf(await storageVolDownload(connection, volumeOf(id), 0n, toTheEnd, SparseStream, options));
  } catch (error) {
    throw toDriverError(error, { ...aboutVolume(id), reads: true });
  } finally {
    await connection.close();
  }
}

/** Errors: `VOLUME.IN_USE` for a volume that a running machine writes to. */
export async function refuseWritten(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const users = (await session.attachments(options)).of(id);
  const writer = users.find(({ readOnly, state }) => !readOnly && (state === 'running' || state === 'paused'));
  if (!writer) return;
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${id.key} is written by machine ${writer.machine}, which runs. Stop it, or take a snapshot.`,
    {
      subject: id.key,
      heldBy: writer.machine,
    },
  );
}
