/** Bytes of a sector, the unit of every length and offset in the format. */
export const SECTOR = 512;

/** Offset of the grain directory in a file that was written as a stream: the footer at its end knows the true one. */
export const AT_END = 0xffff_ffff_ffff_ffffn;

const HAS_REDUNDANT_TABLES = 1 << 1;
const IS_COMPRESSED = 1 << 16;
const HAS_MARKERS = 1 << 17;
const NEWLINES = '\n \r\n';
const LARGEST_GRAIN = 2_048n;
const ENTRIES_PER_TABLE = 512;
// 8 EiB would not fit into the numbers that count grains; 64 PiB is more than anybody has.
const LARGEST_CAPACITY = 1n << 47n;

/** Header of a hosted sparse extent (VMware Virtual Disk Format 5.0, "Hosted Sparse Extent Header"). Lengths in sectors. */
export interface SparseHeader {
  readonly version: number;
  readonly capacity: bigint;
  readonly grainSectors: bigint;
  readonly descriptorOffset: bigint;
  readonly descriptorSectors: bigint;
  readonly entriesPerTable: number;
  /** Offset of the second copy of the grain directory; 0 when there is none. */
  readonly redundantDirectory: bigint;
  readonly directory: bigint;
  readonly overhead: bigint;
  readonly compression: number;
  readonly isCompressed: boolean;
  readonly hasMarkers: boolean;
  readonly newlines: string;
}

/** The header in these bytes; undefined when they are no header or cut off. */
export function readSparseHeader(bytes: Buffer): SparseHeader | undefined {
  if (bytes.length < SECTOR || bytes.toString('latin1', 0, 4) !== 'KDMV') return undefined;
  const flags = bytes.readUInt32LE(8);
  return {
    version: bytes.readUInt32LE(4),
    capacity: bytes.readBigUInt64LE(12),
    grainSectors: bytes.readBigUInt64LE(20),
    descriptorOffset: bytes.readBigUInt64LE(28),
    descriptorSectors: bytes.readBigUInt64LE(36),
    entriesPerTable: bytes.readUInt32LE(44),
    redundantDirectory: (flags & HAS_REDUNDANT_TABLES) !== 0 ? bytes.readBigUInt64LE(48) : 0n,
    directory: bytes.readBigUInt64LE(56),
    overhead: bytes.readBigUInt64LE(64),
    compression: bytes.readUInt16LE(77),
    isCompressed: (flags & IS_COMPRESSED) !== 0,
    hasMarkers: (flags & HAS_MARKERS) !== 0,
    newlines: bytes.toString('latin1', 73, 77),
  };
}

/** What makes a header unusable, as a sentence; undefined when it can be used. */
export function sparseHeaderProblem(header: SparseHeader): string | undefined {
  const { grainSectors, capacity } = header;
  if (header.version < 1 || header.version > 3) return 'Its version is none of 1, 2 and 3.';
  if (header.newlines !== NEWLINES) return 'A transfer as text has damaged it.';
  if (grainSectors < 8n || grainSectors > LARGEST_GRAIN || (grainSectors & (grainSectors - 1n)) !== 0n)
    return 'The length of its grains is not a power of two from 4 KiB to 1 MiB.';
  if (header.entriesPerTable !== ENTRIES_PER_TABLE) return `Its grain tables do not have ${ENTRIES_PER_TABLE} entries.`;
  if (capacity === 0n || capacity > LARGEST_CAPACITY) return 'Its capacity is zero or absurd.';
  if (header.compression > 1) return 'Its compression is not deflate.';
  if (header.isCompressed !== (header.compression === 1)) return 'It contradicts itself about compression.';
  if (header.directory === AT_END && !header.hasMarkers) return 'It has its directory at the end and no markers.';
  return undefined;
}

/** Bytes of one grain. */
export const grainBytes = ({ grainSectors }: SparseHeader): number => Number(grainSectors) * SECTOR;

/** Bytes of the disk. */
export const diskBytes = ({ capacity }: SparseHeader): bigint => capacity * BigInt(SECTOR);

/** How many grains the disk has; the last one may be shorter. */
export const grainCount = ({ capacity, grainSectors }: SparseHeader): number =>
  Number((capacity + grainSectors - 1n) / grainSectors);

/** How many grain tables the directory names. */
export const tableCount = (header: SparseHeader): number => Math.ceil(grainCount(header) / header.entriesPerTable);

/** The fields of a header as bytes, for a stream-optimised extent. */
export function streamHeader(capacity: bigint, directory: bigint): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.write('KDMV', 'latin1');
  bytes.writeUInt32LE(3, 4);
  bytes.writeUInt32LE(1 | IS_COMPRESSED | HAS_MARKERS, 8);
  bytes.writeBigUInt64LE(capacity, 12);
  bytes.writeBigUInt64LE(STREAM_GRAIN_SECTORS, 20);
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(STREAM_DESCRIPTOR_SECTORS, 36);
  bytes.writeUInt32LE(ENTRIES_PER_TABLE, 44);
  bytes.writeBigUInt64LE(directory, 56);
  bytes.writeBigUInt64LE(STREAM_OVERHEAD, 64);
  bytes.write(NEWLINES, 73, 'latin1');
  bytes.writeUInt16LE(1, 77);
  return bytes;
}

/** What every writer of streams uses: grains of 64 KiB. */
export const STREAM_GRAIN_SECTORS = 128n;
/** Room for the descriptor. */
export const STREAM_DESCRIPTOR_SECTORS = 20n;
/** Where the first grain stands. */
export const STREAM_OVERHEAD = 128n;
