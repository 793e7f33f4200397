import { corrupt, type ImageProblem } from '../inspection.js';

/** The fixed fields of a qcow2 header. Offsets and sizes in bytes. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly backingOffset: bigint;
  readonly backingLength: number;
  readonly clusterBits: number;
  readonly virtualSizeBytes: bigint;
  readonly cryptMethod: number;
  readonly l1Entries: number;
  readonly l1Offset: bigint;
  readonly refcountOffset: bigint;
  readonly refcountClusters: number;
  readonly snapshots: number;
  readonly snapshotsOffset: bigint;
  readonly incompatible: bigint;
  readonly autoclear: bigint;
  readonly refcountOrder: number;
  /** Where header extensions start. */
  readonly headerLength: number;
  readonly compressionType: number;
}

const VERSION_2_LENGTH = 72;
const VERSION_3_LENGTH = 104;

// Limits of QEMU's own reader; nothing larger can be opened by anybody.
const LONGEST_L1_BYTES = 32 * 1_024 * 1_024;
const LONGEST_REFCOUNT_TABLE_BYTES = 8 * 1_024 * 1_024;
const MOST_SNAPSHOTS = 65_536;

/** Reads the header; undefined when it is cut off or its version is not 2 or 3. */
export function readHeader(head: Buffer): Qcow2Header | undefined {
  if (head.length < VERSION_2_LENGTH) return undefined;
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return undefined;
  if (version === 3 && head.length < VERSION_3_LENGTH) return undefined;
  const headerLength = version === 3 ? head.readUInt32BE(100) : VERSION_2_LENGTH;
  return {
    version,
    backingOffset: head.readBigUInt64BE(8),
    backingLength: head.readUInt32BE(16),
    clusterBits: head.readUInt32BE(20),
    virtualSizeBytes: head.readBigUInt64BE(24),
    cryptMethod: head.readUInt32BE(32),
    l1Entries: head.readUInt32BE(36),
    l1Offset: head.readBigUInt64BE(40),
    refcountOffset: head.readBigUInt64BE(48),
    refcountClusters: head.readUInt32BE(56),
    snapshots: head.readUInt32BE(60),
    snapshotsOffset: head.readBigUInt64BE(64),
    incompatible: version === 3 ? head.readBigUInt64BE(72) : 0n,
    autoclear: version === 3 ? head.readBigUInt64BE(88) : 0n,
    refcountOrder: version === 3 ? head.readUInt32BE(96) : 4,
    headerLength,
    compressionType: headerLength > VERSION_3_LENGTH && head.length > VERSION_3_LENGTH ? head.readUInt8(104) : 0,
  };
}

export const clusterSize = (header: Qcow2Header): bigint => 1n << BigInt(header.clusterBits);

/** What in the header contradicts the specification or the file's length. */
export function headerProblems(header: Qcow2Header, fileSize: bigint): ImageProblem[] {
  if (header.clusterBits < 9 || header.clusterBits > 21)
    return [corrupt(`Its clusters of 2^${header.clusterBits} bytes are not allowed.`)];
  const cluster = clusterSize(header);
  const claims: readonly [boolean, string][] = [
    [
      header.version === 3 && (header.headerLength < VERSION_3_LENGTH || header.headerLength % 8 !== 0),
      'Its header length is impossible.',
    ],
    [BigInt(header.headerLength) > cluster, 'Its header is longer than a cluster.'],
    [header.virtualSizeBytes === 0n, 'Its virtual size is zero.'],
    [header.virtualSizeBytes > 1n << 63n, 'Its virtual size is impossible.'],
    [header.virtualSizeBytes % 512n !== 0n, 'Its virtual size is not a whole number of sectors.'],
    [header.refcountOrder > 6, 'Its reference counts are wider than 64 bits.'],
    [header.cryptMethod > 2, 'Its encryption method is unknown.'],
    [header.backingLength > 1_023, 'Its backing file name is longer than allowed.'],
    [
      header.backingOffset !== 0n && header.backingOffset + BigInt(header.backingLength) > cluster,
      'Its backing file name is outside the first cluster.',
    ],
    [header.compressionType > 1, 'Its compression method is unknown.'],
    [header.snapshots > MOST_SNAPSHOTS, 'It claims more snapshots than are allowed.'],
    [
      header.snapshots > 0 && misplaced(header.snapshotsOffset, 1n, cluster, fileSize),
      'Its snapshot table is not inside the file.',
    ],
    ...tableClaims(header, cluster, fileSize),
  ];
  return claims.filter(([wrong]) => wrong).map(([, message]) => corrupt(message));
}

function tableClaims(header: Qcow2Header, cluster: bigint, fileSize: bigint): readonly [boolean, string][] {
  const l1Bytes = BigInt(header.l1Entries) * 8n;
  const refcountBytes = BigInt(header.refcountClusters) * cluster;
  const entriesPerTable = cluster / (isExtendedL2(header) ? 16n : 8n);
  const needed = (header.virtualSizeBytes + cluster * entriesPerTable - 1n) / (cluster * entriesPerTable);
  return [
    [l1Bytes > LONGEST_L1_BYTES, 'Its L1 table is larger than allowed.'],
    [BigInt(header.l1Entries) < needed, 'Its L1 table is too small for its virtual size.'],
    [misplaced(header.l1Offset, l1Bytes, cluster, fileSize), 'Its L1 table is not inside the file.'],
    [header.refcountClusters === 0, 'It has no reference counts.'],
    [refcountBytes > LONGEST_REFCOUNT_TABLE_BYTES, 'Its reference count table is larger than allowed.'],
    [
      misplaced(header.refcountOffset, refcountBytes, cluster, fileSize),
      'Its reference count table is not inside the file.',
    ],
  ];
}

const misplaced = (offset: bigint, length: bigint, cluster: bigint, fileSize: bigint): boolean =>
  offset === 0n || offset % cluster !== 0n || offset + length > fileSize;

/** Entries of L2 tables are 16 bytes long instead of 8 (incompatible feature bit 4). */
export const isExtendedL2 = (header: Qcow2Header): boolean => (header.incompatible & 16n) !== 0n;
