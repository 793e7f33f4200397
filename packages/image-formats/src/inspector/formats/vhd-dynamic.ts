import type { ByteSource } from '../../byte-source.js';
import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import { isPowerOfTwo, roomFor, tableEntries } from '../table-reader.js';

const HEADER_LENGTH = 1_024;
const LOCATORS = { at: 576, count: 8, length: 24 };
const UNUSED = 0xffff_ffffn;

/**
 * Checks the second header of a dynamic VHD and its block table (Virtual Hard Disk Image Format Specification 1.0):
 * checksum, parent locators, sizes, and that all blocks are inside the file and do not lie on each other.
 */
export async function dynamicProblems(source: ByteSource, footer: Buffer): Promise<ImageProblem[]> {
  const header = await source.read(footer.readBigUInt64BE(16), HEADER_LENGTH);
  if (header.length < HEADER_LENGTH || header.toString('latin1', 0, 8) !== 'cxsparse')
    return [corrupt('Its second header is not where it should be.')];
  if (header.readUInt32BE(36) !== checksum(header)) return [corrupt('The checksum of its second header is wrong.')];
  if (hasParent(header)) return [unsafe('It says where to find a parent image.')];
  return tableProblems(source, header, footer.readBigUInt64BE(48));
}

function hasParent(header: Buffer): boolean {
  const locators = header.subarray(LOCATORS.at, LOCATORS.at + LOCATORS.count * LOCATORS.length);
  return locators.some((byte) => byte !== 0) || header.subarray(40, 56).some((byte) => byte !== 0);
}

async function tableProblems(source: ByteSource, header: Buffer, diskBytes: bigint): Promise<ImageProblem[]> {
  const table = header.readBigUInt64BE(16);
  const entries = header.readUInt32BE(28);
  const block = BigInt(header.readUInt32BE(32));
  if (!isPowerOfTwo(block) || block < 4_096n) return [corrupt('The length of its blocks is not a power of two.')];
  if (BigInt(entries) * block < diskBytes) return [corrupt('Its block table is too short for its disk.')];
  if (table + BigInt(entries) * 4n > source.sizeBytes) return [corrupt('Its block table is not inside the file.')];
  const fits = roomFor(source, block);
  for await (const entry of tableEntries(source, table, entries, 4, 'big')) {
    if (entry === UNUSED) continue;
    if (entry * 512n >= source.sizeBytes) return [corrupt('Its data is not all inside the file.')];
    if (!fits()) return [corrupt('It has more blocks than fit into the file: some overlap.')];
  }
  return [];
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (const [index, byte] of header.entries()) if (index < 36 || index >= 40) sum += byte;
  return ~sum >>> 0;
}
