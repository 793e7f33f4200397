import { LONGEST_READ, type ByteSource } from '../../byte-source.js';
import { corrupt, type ImageProblem } from '../inspection.js';
import { clusterSize, isExtendedL2, type Qcow2Header } from './qcow2-header.js';

const OFFSET_MASK = 0x00ff_ffff_ffff_fe00n;
const COMPRESSED = 1n << 62n;

/**
 * Follows the L1 table and the L2 tables it names and checks that everything they point to is inside the file. What is
 * read in total is at most the file's size: a table that is named twice is an error before it can cost anything.
 * Stops at the first problem.
 */
export async function tableProblems(source: ByteSource, header: Qcow2Header): Promise<ImageProblem[]> {
  const cluster = clusterSize(header);
  let budget = source.sizeBytes / cluster;
  for await (const piece of pieces(source, header.l1Offset, header.l1Entries * 8)) {
    for (let at = 0; at + 8 <= piece.length; at += 8) {
      const table = piece.readBigUInt64BE(at) & OFFSET_MASK;
      if (table === 0n) continue;
      if (table % cluster !== 0n || table + cluster > source.sizeBytes)
        return [corrupt('Its L1 table points outside the file.')];
      budget -= 1n;
      if (budget < 0n) return [corrupt('It has more L2 tables than there are clusters in the file: some overlap.')];
      if (await pointsOutside(source, header, table)) {
        return [corrupt('Its data is not all inside the file: it is truncated or was tampered with.')];
      }
    }
  }
  return [];
}

async function pointsOutside(source: ByteSource, header: Qcow2Header, table: bigint): Promise<boolean> {
  const cluster = clusterSize(header);
  const entryLength = isExtendedL2(header) ? 16 : 8;
  for await (const piece of pieces(source, table, Number(cluster))) {
    for (let at = 0; at + 8 <= piece.length; at += entryLength) {
      const entry = piece.readBigUInt64BE(at);
      if (entry !== 0n && isOutside(entry, header.clusterBits, cluster, source.sizeBytes)) return true;
    }
  }
  return false;
}

// Writers leave the last cluster shorter than the rest; only its start must be there.
function isOutside(entry: bigint, clusterBits: number, cluster: bigint, fileSize: bigint): boolean {
  if ((entry & COMPRESSED) !== 0n) return (entry & ((1n << BigInt(70 - clusterBits)) - 1n)) >= fileSize;
  const offset = entry & OFFSET_MASK;
  return offset !== 0n && (offset % cluster !== 0n || offset >= fileSize);
}

async function* pieces(source: ByteSource, offset: bigint, length: number): AsyncIterable<Buffer> {
  for (let done = 0; done < length; done += LONGEST_READ) {
    const piece = await source.read(offset + BigInt(done), Math.min(LONGEST_READ, length - done));
    if (piece.length === 0) return;
    yield piece;
  }
}
