import type { ByteSource } from '../../byte-source.js';
import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import { isPowerOfTwo, roomFor, tableEntries } from '../table-reader.js';

const MEBIBYTE = 1_048_576n;
const HEADERS = [65_536n, 131_072n] as const;
const HEADER_LENGTH = 4_096;
const MOST_ENTRIES = 2_047;
const BLOCK_TABLE_REGION = '6677c22d23f600429d64115e9bfd4a08';
const METADATA_REGION = '06a27c8b90479a4bb8fe575f050f886e';
const PARENT_LOCATOR = '2d5fd3a80bb34d45abf7d3d84834ab0c';
const KNOWN_ITEMS = new Set([
  '3767a1ca36fa434db3b633f0aa44e76b',
  '2442a52f1bcd7648b2115dbed83bf4b8',
  'ab12cabee6b2234593efc309e000c746',
  '1dbf41816fa90947ba47f233a8faab5f',
  'c748a3cd5d4471449cc9e9885251c556',
  PARENT_LOCATOR,
]);

/** A region of the file as the region table names it. */
export interface VhdxRegion {
  readonly id: string;
  readonly offset: bigint;
  readonly length: bigint;
}

const table = castagnoliTable();

function castagnoliTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) !== 0 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
    return value >>> 0;
  });
}

/** CRC-32C with the four bytes at 4 as zeros, which is where these structures keep it. */
export function vhdxChecksum(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const [index, byte] of bytes.entries())
    crc = (table[(crc ^ (index >= 4 && index < 8 ? 0 : byte)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const isSound = (bytes: Buffer, signature: string, length: number): boolean =>
  bytes.length === length &&
  bytes.toString('latin1', 0, 4) === signature &&
  bytes.readUInt32LE(4) === vhdxChecksum(bytes);

/** A header that counts, and no changes that wait in the log: whoever ignores those sees another disk. */
export async function logProblems(source: ByteSource): Promise<ImageProblem[]> {
  const headers = await Promise.all(HEADERS.map((offset) => source.read(offset, HEADER_LENGTH)));
  const sound = headers.filter((bytes) => isSound(bytes, 'head', HEADER_LENGTH));
  const [current] = sound.sort((a, b) => (a.readBigUInt64LE(8) < b.readBigUInt64LE(8) ? 1 : -1));
  if (!current) return [corrupt('Neither of its headers is sound.')];
  if (current.subarray(48, 64).some((byte) => byte !== 0)) return [corrupt('It has a log that was not replayed.')];
  return [];
}

/** The regions, with what is wrong about them. */
export async function readRegions(
  source: ByteSource,
): Promise<{ readonly regions: readonly VhdxRegion[]; readonly problems: ImageProblem[] }> {
  const bytes = await source.read(196_608n, 65_536);
  if (!isSound(bytes, 'regi', 65_536)) return { regions: [], problems: [corrupt('Its region table is damaged.')] };
  const count = bytes.readUInt32LE(8);
  if (count > MOST_ENTRIES) return { regions: [], problems: [corrupt('It has an absurd number of regions.')] };
  const entries = Array.from({ length: count }, (_, index) => bytes.subarray(16 + index * 32, 48 + index * 32));
  const regions = entries.map((entry) => ({
    id: entry.toString('hex', 0, 16),
    offset: entry.readBigUInt64LE(16),
    length: BigInt(entry.readUInt32LE(24)),
  }));
  const unknown = entries.some(
    (entry, index) =>
      (entry.readUInt32LE(28) & 1) !== 0 && ![METADATA_REGION, BLOCK_TABLE_REGION].includes(regions[index]?.id ?? ''),
  );
  return {
    regions,
    problems: unknown ? [unsafe('It needs a region of unknown kind.')] : placeProblems(source, regions),
  };
}

function placeProblems({ sizeBytes }: ByteSource, regions: readonly VhdxRegion[]): ImageProblem[] {
  const sorted = [...regions].sort((a, b) => (a.offset < b.offset ? -1 : 1));
  let free = MEBIBYTE;
  for (const { offset, length } of sorted) {
    if (offset % MEBIBYTE !== 0n || length === 0n || length % MEBIBYTE !== 0n)
      return [corrupt('A region of it is out of line.')];
    if (offset < free || offset + length > sizeBytes)
      return [corrupt('Its regions overlap or are not inside the file.')];
    free = offset + length;
  }
  return [];
}

/** Items of the metadata table: all inside their region, none that is needed and unknown, no parent. */
export function itemProblems(metadata: Buffer, region: VhdxRegion): ImageProblem[] {
  const count = metadata.readUInt16LE(10);
  if (count > MOST_ENTRIES) return [corrupt('It has an absurd number of metadata items.')];
  for (let at = 32; at < 32 + count * 32; at += 32) {
    const id = metadata.toString('hex', at, at + 16);
    const [offset, length, flags] = [16, 20, 24].map((field) => metadata.readUInt32LE(at + field));
    if (id === PARENT_LOCATOR) return [unsafe('It says where to find a parent image.')];
    if (!KNOWN_ITEMS.has(id) && ((flags ?? 0) & 4) !== 0) return [unsafe('It needs metadata of unknown kind.')];
    if ((offset ?? 0) < 65_536 || BigInt(offset ?? 0) + BigInt(length ?? 0) > region.length)
      return [corrupt('A metadata item of it is not inside its region.')];
  }
  return [];
}

/** The block table: long enough for the disk, and all blocks inside the file and not on each other. */
export async function blockTableProblems(
  source: ByteSource,
  regions: readonly VhdxRegion[],
  disk: { readonly sizeBytes: bigint; readonly blockBytes: bigint; readonly sectorBytes: bigint },
): Promise<ImageProblem[]> {
  const region = regions.find(({ id }) => id === BLOCK_TABLE_REGION);
  if (!region) return [corrupt('It has no block table.')];
  const { sizeBytes, blockBytes, sectorBytes } = disk;
  if (!isPowerOfTwo(blockBytes) || blockBytes < MEBIBYTE || blockBytes > 256n * MEBIBYTE)
    return [corrupt('The length of its blocks is not a power of two from 1 to 256 MiB.')];
  if (sectorBytes !== 512n && sectorBytes !== 4_096n) return [corrupt('Its sectors have no usual length.')];
  const blocks = (sizeBytes + blockBytes - 1n) / blockBytes;
  const entries = blocks === 0n ? 0n : blocks + (blocks - 1n) / ((8_388_608n * sectorBytes) / blockBytes);
  if (entries * 8n > region.length) return [corrupt('Its block table is too short for its disk.')];
  const fits = roomFor(source, MEBIBYTE);
  for await (const entry of tableEntries(source, region.offset, Number(entries), 8)) {
    // The offset counts even where the state says that there is nothing: some readers look at it alone.
    const offset = (entry >> 20n) * MEBIBYTE;
    if (offset === 0n) continue;
    if (offset >= source.sizeBytes) return [corrupt('Its data is not all inside the file.')];
    if (!fits()) return [corrupt('It has more blocks than fit into the file: some overlap.')];
  }
  return [];
}
