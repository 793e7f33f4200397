import {
  bytes,
  type DiskFormat,
  type ImageSource,
  type OpenDriver,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { createCipheriv, createHash } from 'node:crypto';

export const MIB = 1n << 20n;

/** Bytes that look like nothing else, the same for the same seed. */
export function noise(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export const digestOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Content as a gate hands it on; `virtualSize` where the format has one of its own. */
export function contentOf(
  data: Uint8Array,
  format: DiskFormat = 'raw',
  virtualSize = BigInt(data.length),
): ImageSource {
  return {
    format,
    sizeBytes: bytes(data.length),
    virtualSizeBytes: bytes(virtualSize),
    checksum: { algorithm: 'sha256', hex: digestOf(data) },
    async *open() {
      for (let at = 0; at < data.length; at += 1 << 18) yield data.subarray(at, at + (1 << 18));
    },
  };
}

/** What a guest would read of a volume. */
export async function readVolume({ volumes }: OpenDriver, id: VolumeId): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of volumes.export?.(id) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** How a volume's content compares to what it should be. */
export interface Told {
  readonly sizeBytes: bigint;
  /** It begins with these bytes … */
  readonly begins: boolean;
  /** … and all others are zeros. */
  readonly zerosAfter: boolean;
}

/** Reads all of a volume, however large it is, and compares it to what it should begin with. */
export async function tell({ volumes }: OpenDriver, id: VolumeId, data: Uint8Array): Promise<Told> {
  const zeros = Buffer.alloc(1 << 20);
  let at = 0n;
  let [begins, zerosAfter] = [true, true];
  for await (const chunk of volumes.export?.(id) ?? []) {
    const known = at < BigInt(data.length) ? data.subarray(Number(at), Number(at) + chunk.length) : data.subarray(0, 0);
    begins &&= Buffer.compare(chunk.subarray(0, known.length), known) === 0;
    for (let from = known.length; from < chunk.length; from += zeros.length) {
      const part = chunk.subarray(from, from + zeros.length);
      zerosAfter &&= zeros.compare(part, 0, part.length, 0, part.length) === 0;
    }
    at += BigInt(chunk.length);
  }
  return { sizeBytes: at, begins: begins && at >= BigInt(data.length), zerosAfter };
}

/** What `tell` should tell. */
export const whole = (sizeBytes: bigint): Told => ({ sizeBytes, begins: true, zerosAfter: true });

/** A volume from content, finished. */
export async function fill(
  { volumes }: OpenDriver,
  request: Parameters<NonNullable<OpenDriver['volumes']['createFromContent']>>[0],
): Promise<Volume> {
  const task = await volumes.createFromContent?.(request);
  if (!task) throw new Error('This endpoint takes no content.');
  return task.result();
}

/** A volume from a volume, finished. */
export async function copy(
  { volumes }: OpenDriver,
  request: Parameters<NonNullable<OpenDriver['volumes']['createFromVolume']>>[0],
): Promise<Volume> {
  const task = await volumes.createFromVolume?.(request);
  if (!task) throw new Error('This endpoint copies nothing.');
  return task.result();
}
