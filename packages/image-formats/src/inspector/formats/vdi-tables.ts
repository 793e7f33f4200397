import type { ByteSource } from '../../byte-source.js';
import { corrupt, type ImageProblem } from '../inspection.js';
import { isPowerOfTwo, roomFor, tableEntries } from '../table-reader.js';

// Blocks that are not there: never written, and written with zeros.
const ABSENT = 0xffff_fffen;

/** Checks sizes, counts and the block map of a VirtualBox image: every block is inside the file, and there only once. */
export async function vdiTableProblems(source: ByteSource, head: Buffer): Promise<ImageProblem[]> {
  const [map, data] = [BigInt(head.readUInt32LE(0x154)), BigInt(head.readUInt32LE(0x158))];
  const block = BigInt(head.readUInt32LE(0x178));
  const [count, allocated] = [head.readUInt32LE(0x180), head.readUInt32LE(0x184)];
  const diskBytes = head.readBigUInt64LE(0x170);
  if (!isPowerOfTwo(block) || block < 4_096n) return [corrupt('The length of its blocks is not a power of two.')];
  if (BigInt(count) * block < diskBytes) return [corrupt('Its block map is too short for its disk.')];
  if (allocated > count) return [corrupt('It has more blocks than its disk.')];
  if (map + BigInt(count) * 4n > source.sizeBytes) return [corrupt('Its block map is not inside the file.')];
  const fits = roomFor(source, block);
  for await (const entry of tableEntries(source, map, count, 4)) {
    if (entry >= ABSENT) continue;
    if (entry >= BigInt(allocated) || data + entry * block >= source.sizeBytes)
      return [corrupt('Its data is not all inside the file.')];
    if (!fits()) return [corrupt('It has more blocks than fit into the file: some overlap.')];
  }
  return [];
}
