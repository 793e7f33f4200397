import { byteStream } from '../byte-stream.js';
import { orderedMap } from '../ordered-map.js';
import { compressGrain, GRAINS_AT_ONCE } from './compression.js';
import { streamDescriptor } from './descriptor.js';
import { grainWithMarker, metadataMarker } from './marker.js';
import {
  AT_END,
  SECTOR,
  STREAM_DESCRIPTOR_SECTORS,
  STREAM_GRAIN_SECTORS,
  STREAM_OVERHEAD,
  streamHeader,
} from './sparse-header.js';
import { isZero } from './zeros.js';

/** How to write. */
export interface StreamOptimisedOptions {
  /** Size of the disk: a positive multiple of 512. The raw content must be exactly as long. */
  readonly sizeBytes: bigint;
  /** Eight hexadecimal digits that change with the content, for programs that chain disks. Default `fffffffe`. */
  readonly contentId?: string;
  /** zlib's level, 1 (fast) to 9 (small). Default 6. */
  readonly level?: number;
}

const GRAIN = Number(STREAM_GRAIN_SECTORS) * SECTOR;
const ENTRIES = 512;
const TABLE_SECTORS = (ENTRIES * 4) / SECTOR;

/**
 * Writes a disk as a stream-optimised VMDK: grains of zeros are left out, others are compressed by threads of the
 * runtime. Memory is a few grains and four bytes for each 32 MiB of the disk.
 *
 * Errors: `RangeError` (options) at once; `ImageError` corrupt in the stream when the content ends early; `RangeError`
 * when it is longer than `sizeBytes`; what `raw` throws.
 */
export function writeStreamOptimised(
  raw: AsyncIterable<Uint8Array>,
  { sizeBytes, contentId = 'fffffffe', level = 6 }: StreamOptimisedOptions,
): AsyncIterable<Uint8Array> {
  if (sizeBytes <= 0n || sizeBytes % BigInt(SECTOR) !== 0n)
    throw new RangeError(`Size of a disk must be a positive multiple of ${SECTOR}; got ${sizeBytes}.`);
  if (!/^[0-9a-f]{8}$/i.test(contentId) || /^f{8}$/i.test(contentId))
    throw new RangeError(`Content id must be eight hexadecimal digits, not all f; got "${contentId}".`);
  return write(raw, sizeBytes / BigInt(SECTOR), contentId, level);
}

async function* write(
  raw: AsyncIterable<Uint8Array>,
  capacity: bigint,
  contentId: string,
  level: number,
): AsyncGenerator<Uint8Array> {
  let sector = STREAM_OVERHEAD;
  yield front(capacity, contentId);
  const directory = Buffer.alloc(directoryBytes(capacity));
  let table = Buffer.alloc(ENTRIES * 4);
  let tableIndex = 0;
  let used = false;
  const closeTable = function* (): Generator<Uint8Array> {
    if (used) {
      yield metadataMarker('table', BigInt(TABLE_SECTORS));
      yield table;
      directory.writeUInt32LE(fitting(sector + 1n), tableIndex * 4);
      sector += BigInt(1 + TABLE_SECTORS);
      table = Buffer.alloc(ENTRIES * 4);
      used = false;
    }
  };
  const compressed = orderedMap(grainsOf(raw, capacity), GRAINS_AT_ONCE, async ({ index, data }) => ({
    index,
    bytes: grainWithMarker(BigInt(index) * STREAM_GRAIN_SECTORS, await compressGrain(data, level)),
  }));
  for await (const { index, bytes } of compressed) {
    if (Math.floor(index / ENTRIES) !== tableIndex) {
      yield* closeTable();
      tableIndex = Math.floor(index / ENTRIES);
    }
    table.writeUInt32LE(fitting(sector), (index % ENTRIES) * 4);
    used = true;
    sector += BigInt(bytes.length / SECTOR);
    yield bytes;
  }
  yield* closeTable();
  yield* end(capacity, sector, directory);
}

function* end(capacity: bigint, sector: bigint, directory: Buffer): Generator<Uint8Array> {
  yield metadataMarker('directory', BigInt(directory.length / SECTOR));
  yield directory;
  yield metadataMarker('footer', 1n);
  yield streamHeader(capacity, sector + 1n);
  yield metadataMarker('end', 0n);
}

function front(capacity: bigint, contentId: string): Buffer {
  const bytes = Buffer.alloc(Number(STREAM_OVERHEAD) * SECTOR);
  streamHeader(capacity, AT_END).copy(bytes);
  bytes.write(streamDescriptor(capacity, contentId), SECTOR, Number(STREAM_DESCRIPTOR_SECTORS) * SECTOR, 'latin1');
  return bytes;
}

function directoryBytes(capacity: bigint): number {
  const tables = (capacity + STREAM_GRAIN_SECTORS * BigInt(ENTRIES) - 1n) / (STREAM_GRAIN_SECTORS * BigInt(ENTRIES));
  return Math.ceil((Number(tables) * 4) / SECTOR) * SECTOR;
}

// The format counts sectors of the file in 32 bits.
function fitting(sector: bigint): number {
  if (sector <= 0xffff_ffffn) return Number(sector);
  throw new RangeError('Content does not compress into the 2 TiB that a VMDK extent can have.');
}

/** Grains that are not all zeros. */
async function* grainsOf(
  raw: AsyncIterable<Uint8Array>,
  capacity: bigint,
): AsyncGenerator<{ readonly index: number; readonly data: Buffer }> {
  const stream = byteStream(raw);
  const size = capacity * BigInt(SECTOR);
  try {
    for (let index = 0, at = 0n; at < size; index += 1, at += BigInt(GRAIN)) {
      const length = size - at < BigInt(GRAIN) ? Number(size - at) : GRAIN;
      const data = await stream.take(length);
      // Readers expect whole grains, the last one too.
      if (!isZero(data)) yield { index, data: length === GRAIN ? data : Buffer.concat([data], GRAIN) };
    }
    if (!(await stream.atEnd())) throw new RangeError(`Content is longer than the ${size} bytes of its disk.`);
  } finally {
    await stream.close();
  }
}
