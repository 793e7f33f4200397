import type { ByteSource } from '../../byte-source.js';
import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type FormatFindings, type ImageProblem } from '../inspection.js';
import { hasText } from '../probe.js';
import { blockTableProblems, itemProblems, logProblems, readRegions, type VhdxRegion } from './vhdx-structure.js';

// Metadata items of [MS-VHDX] 2.6; identifiers as they stand in the file.
const METADATA_REGION = '06a27c8b90479a4bb8fe575f050f886e';
const FILE_PARAMETERS = Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex');
const VIRTUAL_DISK_SIZE = Buffer.from('2442a52f1bcd7648b2115dbed83bf4b8', 'hex');
const LOGICAL_SECTOR_SIZE = Buffer.from('1dbf41816fa90947ba47f233a8faab5f', 'hex');
const HAS_PARENT = 2;

/** Hyper-V disk images: header, log, regions, metadata and block table; a parent is noticed wherever it is named. */
export const vhdx: FormatInspector = {
  format: 'vhdx',
  matches: (probe) => hasText(probe, 'vhdxfile'),
  inspect: async (source) => {
    const { regions, problems } = await readRegions(source);
    const region = regions.find(({ id }) => id === METADATA_REGION);
    if (problems.length > 0) return broken(...problems);
    if (!region) return broken(corrupt('It has no metadata region.'));
    return inspectMetadata(source, regions, region);
  },
};

const broken = (...problems: ImageProblem[]): FormatFindings => ({ virtualSizeBytes: 0n, features: [], problems });

async function inspectMetadata(
  source: ByteSource,
  regions: readonly VhdxRegion[],
  region: VhdxRegion,
): Promise<FormatFindings> {
  const table = await source.read(region.offset, 65_536);
  if (table.length < 65_536 || table.toString('latin1', 0, 8) !== 'metadata')
    return broken(corrupt('Its metadata table is not where it should be.'));
  const item = (id: Buffer, length: number) => metadataItem(source, region.offset, table, id, length);
  const size = await item(VIRTUAL_DISK_SIZE, 8);
  const parameters = await item(FILE_PARAMETERS, 8);
  const sector = await item(LOGICAL_SECTOR_SIZE, 4);
  const items = itemProblems(table, region);
  if (!size || !parameters || !sector) return broken(...items, corrupt('Its metadata lacks size or parameters.'));
  const problems = [...items, ...(await logProblems(source))];
  if (parameters.readUInt32LE(4) & HAS_PARENT) problems.push(unsafe('It is a differencing disk with a parent image.'));
  const disk = {
    sizeBytes: size.readBigUInt64LE(0),
    blockBytes: BigInt(parameters.readUInt32LE(0)),
    sectorBytes: BigInt(sector.readUInt32LE(0)),
  };
  const blocks = problems.length === 0 ? await blockTableProblems(source, regions, disk) : [];
  return { virtualSizeBytes: disk.sizeBytes, features: [], problems: [...problems, ...blocks] };
}

async function metadataItem(
  source: ByteSource,
  region: bigint,
  table: Buffer,
  id: Buffer,
  length: number,
): Promise<Buffer | undefined> {
  const entry = findEntry(table, 32, table.length >= 12 ? table.readUInt16LE(10) : 0, id);
  if (!entry) return undefined;
  const item = await source.read(region + BigInt(entry.readUInt32LE(16)), length);
  return item.length === length ? item : undefined;
}

/** The 32-byte entry that starts with this identifier; never looks behind the table, however many entries it claims. */
function findEntry(table: Buffer, start: number, count: number, id: Buffer): Buffer | undefined {
  for (let index = 0, at = start; index < count && at + 32 <= table.length; index += 1, at += 32) {
    const entry = table.subarray(at, at + 32);
    if (entry.subarray(0, 16).equals(id)) return entry;
  }
  return undefined;
}
