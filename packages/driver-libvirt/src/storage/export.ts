import { DriverError, type CallOptions, type DiskFormat, type VolumeId } from '@virt-drivers/core';
import { StorageVolDownloadFlags, storageVolDownload } from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { readAttachments } from '../attachments.js';
import { chunksOf } from '../chunks.js';
import { formatOf, intermediateName } from '../convert/volume-xml.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { backendOf } from './backend.js';
import { aboutVolume, volumeOf } from './files.js';
import { checkFormat, copyFile, refuseTooLarge, unmake } from './making.js';

/** The content of a volume, in the format that was asked for; where that is not its own the host converts it first. */
export async function* exportVolume(
  session: LibvirtSession,
  id: VolumeId,
  format: DiskFormat,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const wanted = checkFormat(format);
  const native = await session.files.read(id, options);
  await refuseWritten(session, id, options);
  const asItIs = backendOf(wanted).stores.includes(formatOf(native)) && native.backing === undefined;
  if (asItIs) {
    yield* download(session, id, options);
    return;
  }
  const pool = await session.pools.find(id.pool, options);
  await refuseTooLarge(session, pool, native.allocatedBytes, options);
  const copy: VolumeId = { pool: id.pool, key: intermediateName(`export-${randomUUID()}`, wanted) };
  try {
    await copyFile(
      session,
      pool,
      { fileName: copy.key, format: wanted, capacityBytes: native.capacityBytes },
      id,
      options,
    );
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
  try {
    const whole = 0n;
    const stream = await storageVolDownload(
      connection,
      volumeOf(id),
      0n,
      whole,
      StorageVolDownloadFlags.SparseStream,
      options,
    );
    yield* chunksOf(stream);
  } catch (error) {
    throw toDriverError(error, { ...aboutVolume(id), reads: true });
  } finally {
    await connection.close();
  }
}

async function refuseWritten({ domains }: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const attachments = (await readAttachments(domains, options)).of(id);
  const writer = attachments.find(({ readOnly, state }) => !readOnly && (state === 'running' || state === 'paused'));
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
