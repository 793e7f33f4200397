import { DriverError, type CallOptions, type ImageSource, type VolumeId } from '@virt-drivers/core';
import { countedContent, withUndo } from '@virt-drivers/core/kit';
import { storageVolUpload } from '@virt-drivers/libvirt';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { intermediateName, sameBytes, type VolumeFormat } from '../convert/volume-xml.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import type { NewFile, Place, Report } from './backend.js';
import { aboutVolume, volumeOf } from './files.js';
import { convertFile, growAnyFile } from './converting.js';
import { checkFormat, makeFile, making, unmake } from './making.js';

/** Makes a file from content. After an error there is none. */
export async function makeFromContent(
  { session, pool }: Place,
  { id, name, sizeBytes, content }: NewFile & { readonly content: ImageSource },
  format: VolumeFormat,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const contentFormat = checkFormat(content.format);
  const direct = sameBytes(format, contentFormat);
  await withUndo(async (undo) => {
    const sent = direct ? id : { pool: id.pool, key: intermediateName(name, contentFormat) };
    // The content brings a header of its own, which replaces this one.
    const plan = {
      fileName: sent.key,
      format: direct ? format : contentFormat,
      capacityBytes: content.virtualSizeBytes,
    };
    await making(undo, session, sent, () => makeFile(session, pool, plan, options));
    await send(session, sent, content, report, options);
    await refuseOther(session, sent, content, options);
    if (!direct) {
      report({ phase: 'converting' });
      const converted = { fileName: id.key, format, capacityBytes: content.virtualSizeBytes };
      const native = await session.files.read(sent, options);
      await convertFile(undo, { session, pool }, converted, { id: sent, native }, report, options);
      await unmake(session, sent)(options);
    }
    await growAnyFile(session, id, sizeBytes, options);
  });
}

/** The last look at what arrived, by the host: the gate is elsewhere, but nothing that lies becomes a volume. */
export async function refuseOther(
  { files }: LibvirtSession,
  id: VolumeId,
  content: ImageSource,
  options: CallOptions,
): Promise<void> {
  if (content.format !== 'qcow2') return;
  const { probedFormat, backing, capacityBytes } = await files.read(id, options);
  const subject = id.key;
  if (probedFormat !== 'qcow2') {
    throw new DriverError(
      'IMAGE.FORMAT_MISMATCH',
      `Content of volume ${id.key} is ${probedFormat}, not qcow2 as declared.`,
      { subject },
    );
  }
  if (backing)
    throw new DriverError(
      'IMAGE.UNSAFE',
      `Content of volume ${id.key} names a backing file, which could be any file of the host.`,
      { subject },
    );
  if (capacityBytes !== content.virtualSizeBytes) {
    const message = `Content of volume ${id.key} describes ${capacityBytes} bytes, not ${content.virtualSizeBytes} as declared.`;
    throw new DriverError('IMAGE.CORRUPT', message, { subject });
  }
}

/** Sends content at the pace of the slower side, on a connection of its own. */
export const send = (
  session: LibvirtSession,
  id: VolumeId,
  content: ImageSource,
  report: Report,
  options: CallOptions,
): Promise<void> => upload(session, id, countedContent(content, id, report, options), content.sizeBytes, options);

/** Sends so many bytes to where a volume begins. */
export async function upload(
  session: LibvirtSession,
  id: VolumeId,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const connection = await session.daemon.dedicated(options);
  try {
    const target = await storageVolUpload(connection, volumeOf(id), 0n, sizeBytes, 0, options);
    const source = Readable.from(chunks, { objectMode: false });
    await pipeline(source, target, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    throw toDriverError(error, aboutVolume(id));
  } finally {
    await connection.close();
  }
}
