import type { ByteStream } from '../byte-stream.js';
import { ImageError } from '../image-error.js';
import { parseDescriptor, type VmdkDescriptor } from './descriptor.js';
import {
  AT_END,
  readSparseHeader,
  SECTOR,
  sparseHeaderProblem,
  tableCount,
  type SparseHeader,
} from './sparse-header.js';

/** What stands in front of the grains of a stream-optimised extent. */
export interface StreamFront {
  readonly header: SparseHeader;
  readonly descriptor: VmdkDescriptor;
  /** How many grains must follow, where the tables are in front already; undefined where they come between and behind. */
  readonly grains?: number;
}

// The descriptor is near the front; tables of 1 TiB in front of the data take 128 MiB.
const LONGEST_DESCRIPTOR = 2_048n;
const LONGEST_OVERHEAD = 1n << 20n;
const PIECE = 128n;

const bad = (message: string): ImageError => new ImageError('corrupt', message);

/** A header that can be read as a stream. Errors: `ImageError` corrupt, unsupported. */
export function checkedHeader(header: SparseHeader | undefined): SparseHeader {
  const problem = header ? sparseHeaderProblem(header) : 'It does not begin like a sparse VMDK.';
  if (!header || problem !== undefined) throw bad(problem ?? '');
  if (!header.hasMarkers || !header.isCompressed)
    throw new ImageError('unsupported', 'It is not stream-optimised, so it cannot be read as a stream.');
  if (header.overhead < 1n || header.overhead > LONGEST_OVERHEAD) throw bad('The length of its metadata is absurd.');
  return header;
}

/** Takes everything up to the first grain. Keeps the descriptor and a number. Errors: `ImageError`. */
export async function readFront(stream: ByteStream): Promise<StreamFront> {
  const first = await stream.take(SECTOR);
  const header = checkedHeader(readSparseHeader(first));
  const { descriptorOffset, descriptorSectors, overhead } = header;
  const end = descriptorOffset + descriptorSectors;
  if (descriptorOffset === 0n || end > overhead || end > LONGEST_DESCRIPTOR)
    throw bad('Its descriptor is not in front of its data.');
  const start = Buffer.concat([first, await stream.take(Number(end - 1n) * SECTOR)]);
  const descriptor = parseDescriptor(start.toString('latin1', Number(descriptorOffset) * SECTOR));
  const grains = await countEntries(stream, header, end);
  return { header, descriptor, ...(hasTables(header) && { grains }) };
}

const hasTables = ({ directory, overhead }: SparseHeader): boolean => directory !== AT_END && directory < overhead;

/** Entries of the tables behind the directory, which are all that stands between it and the data. */
async function countEntries(stream: ByteStream, header: SparseHeader, from: bigint): Promise<number> {
  const directoryEnd = header.directory + (BigInt(tableCount(header)) * 4n + 511n) / BigInt(SECTOR);
  let count = 0;
  for (let at = from; at < header.overhead; at += PIECE) {
    const sectors = header.overhead - at < PIECE ? header.overhead - at : PIECE;
    const piece = await stream.take(Number(sectors) * SECTOR);
    if (!hasTables(header)) continue;
    const skipped = directoryEnd > at ? Number(directoryEnd - at) * SECTOR : 0;
    for (let offset = skipped; offset < piece.length; offset += 4) if (piece.readUInt32LE(offset) > 1) count += 1;
  }
  return count;
}
