import { readExactly } from '../byte-range.js';
import type { ByteSource } from '../byte-source.js';
import { ImageError } from '../image-error.js';
import { orderedMap } from '../ordered-map.js';
import { expandGrain, GRAINS_AT_ONCE, longestCompressed } from './compression.js';
import { effectiveHeader, mappedGrains, type MappedGrain } from './grain-map.js';
import { GRAIN_MARKER, readMarker } from './marker.js';
import { diskBytes, grainBytes, SECTOR, type SparseHeader } from './sparse-header.js';
import { zeros } from './zeros.js';

/** A part of a disk that has data; what lies between two is zeros. */
export interface DiskExtent {
  /** Bytes from the start of the disk. */
  readonly offset: bigint;
  readonly data: Uint8Array;
}

/** A disk that is read from a file. */
export interface ReadableDisk {
  readonly sizeBytes: bigint;
  /** The data in ascending order, without the holes. May be called again. Errors in the stream: `ImageError`. */
  extents(): AsyncIterable<DiskExtent>;
  /** Every byte of the disk, holes as zeros. May be called again. Errors in the stream: `ImageError`. */
  raw(): AsyncIterable<Uint8Array>;
}

/**
 * Opens a sparse VMDK, also a stream-optimised one, for reading. Holds a few grains at a time, whatever the file says.
 * Follows nothing outside the file: parents and further extents are the inspector's business, so inspect first.
 * Errors: `ImageError` corrupt.
 */
export async function openSparseVmdk(source: ByteSource): Promise<ReadableDisk> {
  const header = await effectiveHeader(source);
  const sizeBytes = diskBytes(header);
  const extents = (): AsyncIterable<DiskExtent> =>
    orderedMap(mappedGrains(source, header), GRAINS_AT_ONCE, (grain) => readGrain(source, header, grain));
  return { sizeBytes, extents, raw: () => withHoles(extents(), sizeBytes) };
}

/** Fills what lies between extents with zeros. Errors: `ImageError` corrupt (extents out of order or behind the end). */
export async function* withHoles(extents: AsyncIterable<DiskExtent>, sizeBytes: bigint): AsyncGenerator<Uint8Array> {
  let at = 0n;
  for await (const { offset, data } of extents) {
    const end = offset + BigInt(data.byteLength);
    if (offset < at || end > sizeBytes) throw new ImageError('corrupt', 'Its data is out of order or behind the end.');
    yield* zeros(offset - at);
    yield data;
    at = end;
  }
  yield* zeros(sizeBytes - at);
}

async function readGrain(
  source: ByteSource,
  header: SparseHeader,
  { grain, sector }: MappedGrain,
): Promise<DiskExtent> {
  const full = grainBytes(header);
  const offset = BigInt(grain) * BigInt(full);
  const left = diskBytes(header) - offset;
  const length = left < BigInt(full) ? Number(left) : full;
  const start = BigInt(sector) * BigInt(SECTOR);
  if (!header.isCompressed) return { offset, data: await readExactly(source, start, length) };
  const compressed = await compressedGrain(source, header, start, offset / BigInt(SECTOR));
  return { offset, data: (await expandGrain(compressed, full, length)).subarray(0, length) };
}

async function compressedGrain(source: ByteSource, header: SparseHeader, start: bigint, at: bigint): Promise<Buffer> {
  const marker = readMarker(await readExactly(source, start, SECTOR));
  // Without markers the format has the length alone, at the same place.
  const isRight = marker?.kind === 'grain' && (marker.at === at || !header.hasMarkers);
  if (!isRight || marker.length > longestCompressed(grainBytes(header)))
    throw new ImageError('corrupt', 'A grain of it is not where its table says.');
  return readExactly(source, start + BigInt(GRAIN_MARKER), marker.length);
}
