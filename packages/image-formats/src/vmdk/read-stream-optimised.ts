import { byteStream, type ByteStream } from '../byte-stream.js';
import { ImageError } from '../image-error.js';
import { orderedMap } from '../ordered-map.js';
import { expandGrain, GRAINS_AT_ONCE, longestCompressed } from './compression.js';
import type { VmdkDescriptor } from './descriptor.js';
import { GRAIN_MARKER, readMarker, type Marker } from './marker.js';
import { withHoles, type DiskExtent } from './read-sparse.js';
import { diskBytes, grainBytes, readSparseHeader, SECTOR, type SparseHeader } from './sparse-header.js';
import { checkedHeader, readFront, type StreamFront } from './stream-front.js';
import { isZero } from './zeros.js';

/** A stream-optimised VMDK as it arrives. Its data can be taken once: by `extents` or by `raw`. */
export interface StreamedDisk {
  readonly sizeBytes: bigint;
  readonly descriptor: VmdkDescriptor;
  /** The data in ascending order, without the holes. Errors in the stream: `ImageError`. */
  extents(): AsyncIterable<DiskExtent>;
  /** Every byte of the disk, holes as zeros. Errors in the stream: `ImageError`. */
  raw(): AsyncIterable<Uint8Array>;
}

interface CompressedGrain {
  readonly offset: bigint;
  readonly compressed: Buffer;
}

// A grain of 1 MiB.
const MOST_PADDING = 2_048;
const LONGEST_METADATA = 16_777_216n;
const bad = (message: string): ImageError => new ImageError('corrupt', message);

/**
 * Every byte of the disk in a stream-optimised VMDK that is read as a stream, from its front to its end.
 * Errors in the stream: `ImageError`.
 */
export async function* readStreamOptimised(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* (await openStreamOptimised(source)).raw();
}

/**
 * Reads the front of a stream-optimised VMDK. Constant memory: a few grains. The data is complete only when the stream
 * was read to its end without an error. Errors: `ImageError` corrupt, `unsupported` (not written as a stream).
 */
export async function openStreamOptimised(source: AsyncIterable<Uint8Array>): Promise<StreamedDisk> {
  const stream = byteStream(source);
  try {
    const front = await readFront(stream);
    const sizeBytes = diskBytes(front.header);
    const extents = (): AsyncIterable<DiskExtent> => expanded(stream, front);
    return { sizeBytes, descriptor: front.descriptor, extents, raw: () => withHoles(extents(), sizeBytes) };
  } catch (error) {
    await stream.close();
    throw error;
  }
}

async function* expanded(stream: ByteStream, front: StreamFront): AsyncGenerator<DiskExtent> {
  const { header } = front;
  const full = grainBytes(header);
  const size = diskBytes(header);
  try {
    yield* orderedMap(grains(stream, front), GRAINS_AT_ONCE, async ({ offset, compressed }) => {
      const length = size - offset < BigInt(full) ? Number(size - offset) : full;
      return { offset, data: (await expandGrain(compressed, full, length)).subarray(0, length) };
    });
  } finally {
    await stream.close();
  }
}

async function* grains(stream: ByteStream, { header, grains: expected }: StreamFront): AsyncGenerator<CompressedGrain> {
  let next = 0n;
  let seen = 0;
  // Where the tables are in front, some writers leave out the end's marker.
  while (expected === undefined || !(await stream.atEnd())) {
    const sector = await stream.take(SECTOR);
    const marker = readMarker(sector);
    if (!marker) throw bad('It has a marker of unknown kind.');
    if (marker.kind === 'end') break;
    if (marker.kind !== 'grain') {
      await skipMetadata(stream, marker, header);
      continue;
    }
    checkGrain(marker, header, next);
    next = marker.at + header.grainSectors;
    seen += 1;
    const rest = Math.ceil((GRAIN_MARKER + marker.length) / SECTOR) * SECTOR - SECTOR;
    const data = Buffer.concat([sector.subarray(GRAIN_MARKER), await stream.take(rest)]);
    yield { offset: marker.at * BigInt(SECTOR), compressed: data.subarray(0, marker.length) };
  }
  if (expected !== undefined && seen !== expected) throw bad('It has not as many grains as its tables name.');
  await skipPadding(stream);
}

/** Some writers round the file up with zeros. */
async function skipPadding(stream: ByteStream): Promise<void> {
  for (let sectors = 0; !(await stream.atEnd()); sectors += 1) {
    if (sectors === MOST_PADDING || !isZero(await stream.take(SECTOR))) throw bad('It goes on behind its end.');
  }
}

function checkGrain(marker: Extract<Marker, { kind: 'grain' }>, header: SparseHeader, next: bigint): void {
  if (marker.length > longestCompressed(grainBytes(header))) throw bad('A grain of it is longer than grains are.');
  if (marker.at % header.grainSectors !== 0n || marker.at >= header.capacity)
    throw bad('A grain of it is out of place.');
  if (marker.at < next) throw bad('Its grains are not in ascending order.');
}

async function skipMetadata(
  stream: ByteStream,
  marker: Extract<Marker, { sectors: bigint }>,
  header: SparseHeader,
): Promise<void> {
  const length = marker.sectors * BigInt(SECTOR);
  if (length === 0n || length > LONGEST_METADATA) throw bad('It has metadata of absurd length.');
  if (marker.kind !== 'footer') {
    for (let left = Number(marker.sectors); left > 0; left -= 128) await stream.take(Math.min(left, 128) * SECTOR);
    return;
  }
  const footer = checkedHeader(readSparseHeader(await stream.take(Number(length))));
  if (footer.capacity !== header.capacity || footer.grainSectors !== header.grainSectors)
    throw bad('Its footer contradicts its header.');
}
