import type { ByteSource } from '../../byte-source.js';
import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import { isPowerOfTwo, roomFor, tableEntries } from '../table-reader.js';

// Backing file, needs check, backing file without a format.
const KNOWN_FEATURES = 7n;
const NEEDS_CHECK = 2n;

/** Checks header and tables of a QED image (QEMU docs/interop/qed_spec): all that they point to is inside the file. */
export async function qedProblems(source: ByteSource, head: Buffer): Promise<ImageProblem[]> {
  const cluster = BigInt(head.readUInt32LE(4));
  const tableClusters = BigInt(head.readUInt32LE(8));
  const features = head.readBigUInt64LE(16);
  if ((features & ~KNOWN_FEATURES) !== 0n) return [unsafe('It has an unknown feature.')];
  if ((features & NEEDS_CHECK) !== 0n) return [corrupt('It was not closed and needs a repair.')];
  if (!isPowerOfTwo(cluster) || cluster < 4_096n || cluster > 1n << 26n)
    return [corrupt('The length of its clusters is not a power of two from 4 KiB to 64 MiB.')];
  if (!isPowerOfTwo(tableClusters) || tableClusters > 16n) return [corrupt('The length of its tables is absurd.')];
  const table = { bytes: tableClusters * cluster, entries: Number((tableClusters * cluster) / 8n) };
  if (head.readBigUInt64LE(48) > BigInt(table.entries) ** 2n * cluster)
    return [corrupt('Its tables are too small for its disk.')];
  return followTables(source, head.readBigUInt64LE(40), table, cluster);
}

interface TableShape {
  readonly bytes: bigint;
  readonly entries: number;
}

async function followTables(
  source: ByteSource,
  first: bigint,
  table: TableShape,
  cluster: bigint,
): Promise<ImageProblem[]> {
  const isInside = (offset: bigint): boolean => offset % cluster === 0n && offset + table.bytes <= source.sizeBytes;
  if (!isInside(first)) return [corrupt('Its first table is not inside the file.')];
  const fits = roomFor(source, table.bytes);
  for await (const offset of tableEntries(source, first, table.entries, 8)) {
    if (offset === 0n) continue;
    if (!isInside(offset) || !fits()) return [corrupt('Its tables are not all inside the file, or overlap.')];
    // One is a cluster of zeros.
    for await (const data of tableEntries(source, offset, table.entries, 8))
      if (data > 1n && data >= source.sizeBytes) return [corrupt('Its data is not all inside the file.')];
  }
  return [];
}
