import {
  DriverError,
  type CallOptions,
  type ContentVolume,
  type TaskProgress,
  type VolumeId,
} from '@virt-drivers/core';
import { countedContent } from '@virt-drivers/core/kit';
import { ImageError, openStreamOptimised } from '@virt-drivers/image-formats';
import { keepsObjects } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { importByLease } from './leased-import.js';
import { checkFormat, growDisk, makeDisk, wholeKibibytes, zeros, type NewDisk } from './making.js';
import { readVolumeFile, volumeNotFound, type FileFormat } from './volume-file.js';

type Report = (progress: TaskProgress) => void;

/** The format of the volume that this content makes. Errors: `REQUEST.INVALID`, saying what to convert it to. */
export function checkContent({ name, format, content }: ContentVolume): FileFormat {
  const wanted = checkFormat(format ?? (content.format === 'iso' ? 'iso' : 'vmdk'));
  const taken = wanted === 'iso' ? ['iso', 'raw'] : ['raw', 'vmdk'];
  if (taken.includes(content.format)) return wanted;
  throw new DriverError(
    'REQUEST.INVALID',
    `Volume ${name} in format ${wanted} cannot be made from ${content.format}; convert the content to ${taken.join(' or ')} first.`,
  );
}

/** Brings content into a volume whose folder is there. */
export async function fillFromContent(
  session: VmwareSession,
  disk: NewDisk,
  volume: ContentVolume,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const { content } = volume;
  const { id, store } = disk;
  if (id.key.endsWith('.iso')) {
    await session.datastoreFiles.upload(
      store,
      id.key,
      countedContent(content, id, report, options),
      content.sizeBytes,
      options,
    );
    return;
  }
  const capacity = wholeKibibytes(content.virtualSizeBytes);
  const source = padded(rawBytes(volume, id, report, options), capacity, id);
  if (keepsObjects(store)) await importByLease(session, disk, source, capacity, options);
  else await fillFlat(session, disk, source, capacity, volume.provisioning, options);
  const size = wholeKibibytes(volume.sizeBytes ?? capacity);
  if (size > capacity) await growDisk(session, store, id, size, options);
}

/** Makes the disk, and writes its bytes into the file that holds them. */
async function fillFlat(
  session: VmwareSession,
  disk: NewDisk,
  source: AsyncIterable<Uint8Array>,
  capacity: bigint,
  provisioning: ContentVolume['provisioning'],
  options: CallOptions,
): Promise<void> {
  const { id, store } = disk;
  await makeDisk(session, disk, capacity, provisioning === 'thick' ? 'eagerZeroedThick' : 'thin', options);
  const { flat } = await readVolumeFile(session, id, options);
  if (flat === undefined) throw volumeNotFound(id);
  await session.datastoreFiles.upload(store, flat, source, capacity, options);
}

/** The content as a guest reads it. */
async function* rawBytes(
  volume: ContentVolume,
  id: VolumeId,
  report: Report,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const source = countedContent(volume.content, id, report, options);
  if (volume.content.format === 'raw') {
    yield* source;
    return;
  }
  try {
    const disk = await openStreamOptimised(source);
    if (disk.sizeBytes !== volume.content.virtualSizeBytes)
      throw corrupt(id, `describes ${disk.sizeBytes} bytes, not ${volume.content.virtualSizeBytes} as declared`);
    yield* disk.raw();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new DriverError('IMAGE.CORRUPT', `Content of volume ${id.key} cannot be read: ${error.message}`, {
      subject: id.key,
      cause: error,
    });
  }
}

/** The bytes, and zeros up to a length that vSphere can have. */
async function* padded(source: AsyncIterable<Uint8Array>, length: bigint, id: VolumeId): AsyncGenerator<Uint8Array> {
  let done = 0n;
  for await (const chunk of source) {
    done += BigInt(chunk.length);
    if (done > length) throw corrupt(id, `is larger than its disk of ${length} bytes`);
    yield chunk;
  }
  yield* zeros(length - done);
}

const corrupt = ({ key }: VolumeId, what: string): DriverError =>
  new DriverError('IMAGE.CORRUPT', `Content of volume ${key} ${what}. Fetch the image again.`, { subject: key });
