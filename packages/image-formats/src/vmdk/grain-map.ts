import { readExactly } from '../byte-range.js';
import type { ByteSource } from '../byte-source.js';
import { ImageError } from '../image-error.js';
import { readMarker } from './marker.js';
import {
  AT_END,
  grainCount,
  readSparseHeader,
  SECTOR,
  sparseHeaderProblem,
  tableCount,
  type SparseHeader,
} from './sparse-header.js';

/** Where a grain is in the file. */
export interface MappedGrain {
  /** Number of the grain on the disk. */
  readonly grain: number;
  /** Sector in the file. */
  readonly sector: number;
}

const bad = (message: string): ImageError => new ImageError('corrupt', message);

/**
 * The header that counts: the one at the start, or, in a file that was written as a stream, the footer, which must not
 * contradict it. Errors: `ImageError` corrupt.
 */
export async function effectiveHeader(source: ByteSource): Promise<SparseHeader> {
  const header = sound(readSparseHeader(await source.read(0n, SECTOR)), 'header');
  if (header.directory !== AT_END) return header;
  if (source.sizeBytes < 4n * BigInt(SECTOR)) throw bad('It ends before its footer.');
  const [announced, footer, end] = await lastSectors(source);
  const marker = readMarker(announced);
  if (marker?.kind !== 'footer' || readMarker(end)?.kind !== 'end')
    throw bad('It does not end in a footer: it is cut off.');
  const last = sound(readSparseHeader(footer), 'footer');
  if (last.directory === AT_END) throw bad('Its footer does not know where its directory is.');
  if (!agree(header, last)) throw bad('Its footer contradicts its header.');
  return last;
}

async function lastSectors(source: ByteSource): Promise<readonly [Buffer, Buffer, Buffer]> {
  const tail = await readExactly(source, source.sizeBytes - BigInt(3 * SECTOR), 3 * SECTOR);
  return [tail.subarray(0, SECTOR), tail.subarray(SECTOR, 2 * SECTOR), tail.subarray(2 * SECTOR)];
}

function sound(header: SparseHeader | undefined, what: string): SparseHeader {
  const problem = header ? sparseHeaderProblem(header) : `It has no ${what}, or ends in it.`;
  if (header && problem === undefined) return header;
  throw bad(problem ?? '');
}

const agree = (header: SparseHeader, footer: SparseHeader): boolean =>
  header.capacity === footer.capacity &&
  header.grainSectors === footer.grainSectors &&
  header.isCompressed === footer.isCompressed &&
  header.hasMarkers === footer.hasMarkers;

/**
 * All grains that the file has, in the disk's order. Reads the directory and each table once; a table or a grain behind
 * the file's end, or more of them than fit into the file, is an error. Errors: `ImageError` corrupt.
 */
export async function* mappedGrains(source: ByteSource, header: SparseHeader): AsyncGenerator<MappedGrain> {
  const tables = budget(source, header.entriesPerTable * 4, 'grain tables');
  const grains = budget(source, header.isCompressed ? SECTOR : Number(header.grainSectors) * SECTOR, 'grains');
  const last = grainCount(header);
  for await (const [index, sector] of directoryEntries(source, header, header.directory)) {
    if (sector === 0) continue;
    tables();
    const table = await readExactly(source, BigInt(sector) * BigInt(SECTOR), header.entriesPerTable * 4);
    for (let entry = 0; entry < header.entriesPerTable; entry += 1) {
      const at = table.readUInt32LE(entry * 4);
      // One is a grain of zeros that takes no room.
      if (at <= 1) continue;
      const grain = index * header.entriesPerTable + entry;
      if (grain >= last) throw bad('It maps grains behind the end of its disk.');
      if (BigInt(at) * BigInt(SECTOR) >= source.sizeBytes) throw bad('Its data is not all inside the file.');
      grains();
      yield { grain, sector: at };
    }
  }
}

/** Entries of a grain directory: number of the table and its sector. */
export async function* directoryEntries(
  source: ByteSource,
  header: SparseHeader,
  directory: bigint,
): AsyncGenerator<readonly [number, number]> {
  const count = tableCount(header);
  const start = directory * BigInt(SECTOR);
  if (directory === 0n || start + BigInt(count) * 4n > source.sizeBytes)
    throw bad('Its grain directory is outside the file.');
  for (let first = 0; first < count; first += 8_192) {
    const piece = await readExactly(source, start + BigInt(first) * 4n, Math.min(8_192, count - first) * 4);
    for (let at = 0; at < piece.length; at += 4) yield [first + at / 4, piece.readUInt32LE(at)];
  }
}

// Things of this length cannot be more than the file has room for, unless some lie on each other.
function budget({ sizeBytes }: ByteSource, length: number, what: string): () => void {
  let left = sizeBytes / BigInt(length) + 1n;
  return () => {
    left -= 1n;
    if (left < 0n) throw bad(`It has more ${what} than fit into the file: some overlap.`);
  };
}
