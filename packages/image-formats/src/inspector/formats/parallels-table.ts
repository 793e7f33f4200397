import type { ByteSource } from '../../byte-source.js';
import { corrupt, type ImageProblem } from '../inspection.js';
import { roomFor, tableEntries } from '../table-reader.js';

const HEADER_LENGTH = 64n;

/** Checks the block table of a Parallels image (QEMU docs/interop/parallels): what it points to is inside the file. */
export async function parallelsTableProblems(source: ByteSource, head: Buffer): Promise<ImageProblem[]> {
  const tracks = BigInt(head.readUInt32LE(28));
  const entries = head.readUInt32LE(32);
  // The older kind counts sectors in its table, the newer one blocks.
  const unit = head.toString('latin1', 0, 16) === 'WithoutFreeSpace' ? 512n : tracks * 512n;
  if (tracks === 0n || tracks > 1n << 22n) return [corrupt('The length of its blocks is zero or absurd.')];
  if (BigInt(entries) * tracks < head.readBigUInt64LE(36))
    return [corrupt('Its block table is too short for its disk.')];
  if (HEADER_LENGTH + BigInt(entries) * 4n > source.sizeBytes)
    return [corrupt('Its block table is not inside the file.')];
  const fits = roomFor(source, tracks * 512n);
  for await (const entry of tableEntries(source, HEADER_LENGTH, entries, 4)) {
    if (entry === 0n) continue;
    if (entry * unit >= source.sizeBytes) return [corrupt('Its data is not all inside the file.')];
    if (!fits()) return [corrupt('It has more blocks than fit into the file: some overlap.')];
  }
  return [];
}
