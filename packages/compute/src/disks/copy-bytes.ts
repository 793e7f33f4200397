import { createHash } from 'node:crypto';
import {
  bytes,
  DriverError,
  type Bytes,
  type CallOptions,
  type ImageSource,
  type NewVolume,
  type OpenDriver,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { finishTask, type FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import { present } from '../flows/machine-of.js';

/**
 * Copies a volume through this process, also to another endpoint, with constant memory. Reads it twice: once for the
 * checksum that the destination is told, once for its bytes, which must have that checksum.
 * Errors: `CAPABILITY.ABSENT`, `IMAGE.CHECKSUM_MISMATCH` (somebody wrote to it meanwhile), and those of `export` and `createFromContent`.
 */
export async function copyByBytes(
  source: OpenDriver,
  id: VolumeId,
  destination: OpenDriver,
  volume: NewVolume,
  sizeBytes: Bytes,
  options: FinishOptions,
): Promise<Volume> {
  const createFromContent = present(destination, destination.volumes.createFromContent, 'volumes.fromContent');
  const content = await contentOf(source, id, options);
  return finishTask(await createFromContent({ ...volume, content, sizeBytes }, callOf(options)), options);
}

/** What a volume holds as a source for another: what a guest would read, named by its checksum. */
export async function contentOf(driver: OpenDriver, id: VolumeId, options: CallOptions): Promise<ImageSource> {
  const exportVolume = present(driver, driver.volumes.export, 'volumes.export');
  const read = (call?: CallOptions): AsyncIterable<Uint8Array> =>
    exportVolume(id, { format: 'raw' }, callOf(call ?? {}));
  const { sizeBytes, hex } = await digest(read(options));
  return {
    format: 'raw',
    sizeBytes,
    virtualSizeBytes: sizeBytes,
    checksum: { algorithm: 'sha256', hex },
    open: (call) => checked(read(call), id, hex),
  };
}

async function digest(content: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: Bytes; hex: string }> {
  const hash = createHash('sha256');
  let size = 0n;
  for await (const piece of content) {
    hash.update(piece);
    size += BigInt(piece.length);
  }
  return { sizeBytes: bytes(size), hex: hash.digest('hex') };
}

async function* checked(content: AsyncIterable<Uint8Array>, id: VolumeId, hex: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') === hex) return;
  const text = `Volume ${id.key} changed while it was copied; something writes to it. Stop that, then try again.`;
  throw new DriverError('IMAGE.CHECKSUM_MISMATCH', text, { subject: id.key });
}
