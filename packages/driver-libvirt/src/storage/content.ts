import {
  bytes,
  DriverError,
  type CallOptions,
  type ContentVolume,
  type ImageSource,
  type TaskProgress,
  type VolumeId,
} from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { storageVolUpload } from '@virt-drivers/libvirt';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileNameOf, intermediateName, type VolumeFormat } from '../convert/volume-xml.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { backendOf } from './backend.js';
import { aboutVolume, volumeOf } from './files.js';
import { checkFormat, copyFile, growFile, makeFile, making, unmake, wholeSectors } from './making.js';

type Report = (progress: TaskProgress) => void;

/** Makes a volume from content. After an error there is no volume. */
export async function makeFromContent(
  session: LibvirtSession,
  volume: ContentVolume,
  format: VolumeFormat,
  report: Report,
  options: CallOptions,
): Promise<VolumeId> {
  const { content } = volume;
  const pool = await session.pools.find(volume.pool, options);
  const fileName = fileNameOf(volume.name, format);
  const size = wholeSectors(volume.sizeBytes ?? content.virtualSizeBytes);
  const direct = backendOf(format).stores.includes(content.format);
  return withUndo(async (undo) => {
    const id: VolumeId = { pool: volume.pool, key: fileName };
    const sent = direct ? id : { pool: volume.pool, key: intermediateName(volume.name, checkFormat(content.format)) };
    const plan = backendOf(direct ? format : checkFormat(content.format)).placeholder(
      sent.key,
      content.virtualSizeBytes,
    );
    await making(undo, session, sent, () => makeFile(session, pool, plan, options));
    await send(session, sent, content, report, options);
    await refuseOther(session, sent, content, options);
    if (!direct) {
      report({ phase: 'converting' });
      const converted = { fileName, format, capacityBytes: content.virtualSizeBytes };
      await making(undo, session, id, () => copyFile(session, pool, converted, sent, options));
      await unmake(session, sent)(options);
    }
    await growFile(session, id, size, options);
    return id;
  });
}

/** The last look at what arrived, by the host: the gate is elsewhere, but nothing that lies becomes a volume. */
async function refuseOther(
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

/** Sends the bytes at the pace of the slower side, on a connection of their own. */
async function send(
  session: LibvirtSession,
  id: VolumeId,
  content: ImageSource,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const connection = await session.daemon.dedicated(options);
  try {
    const target = await storageVolUpload(connection, volumeOf(id), 0n, content.sizeBytes, 0, options);
    const source = Readable.from(counted(content, id, report, options), { objectMode: false });
    await pipeline(source, target, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    throw toDriverError(error, aboutVolume(id));
  } finally {
    await connection.close();
  }
}

/** The content's chunks, which must be as many bytes as were promised. */
async function* counted(
  content: ImageSource,
  id: VolumeId,
  report: Report,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const totalBytes = content.sizeBytes;
  let done = 0n;
  for await (const chunk of content.open(options)) {
    done += BigInt(chunk.length);
    if (done > totalBytes) throw wrongLength(id, `more than the ${totalBytes} bytes`);
    yield chunk;
    const fraction = totalBytes === 0n ? 1 : Number(done) / Number(totalBytes);
    report({ phase: 'sending', doneBytes: bytes(done), totalBytes, fraction });
  }
  if (done < totalBytes) throw wrongLength(id, `${done} instead of the ${totalBytes} bytes`);
}

const wrongLength = ({ key }: VolumeId, what: string): DriverError =>
  new DriverError('IMAGE.CORRUPT', `Content of volume ${key} was ${what} that were promised. Fetch the image again.`, {
    subject: key,
  });
