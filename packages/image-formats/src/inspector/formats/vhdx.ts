import type { ByteSource } from '../../byte-source.js';
import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type FormatFindings, type ImageProblem } from '../inspection.js';
import { hasText } from '../probe.js';

// Region and metadata tables of [MS-VHDX] 2.2.3 and 2.6; identifiers as they stand in the file.
const REGION_TABLE = 196_608n;
const METADATA_REGION = Buffer.from('06a27c8b90479a4bb8fe575f050f886e', 'hex');
const FILE_PARAMETERS = Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex');
const VIRTUAL_DISK_SIZE = Buffer.from('2442a52f1bcd7648b2115dbed83bf4b8', 'hex');
const HAS_PARENT = 2;

/** Hyper-V disk images: measured, and a parent noticed. */
export const vhdx: FormatInspector = {
  format: 'vhdx',
  matches: (probe) => hasText(probe, 'vhdxfile'),
  inspect: async (source) => {
    const region = await metadataRegion(source);
    if (region === undefined) return broken('It has no metadata region.');
    const table = await source.read(region, 65_536);
    if (table.toString('latin1', 0, 8) !== 'metadata') return broken('Its metadata table is not where it should be.');
    const size = await metadataItem(source, region, table, VIRTUAL_DISK_SIZE, 8);
    const parameters = await metadataItem(source, region, table, FILE_PARAMETERS, 8);
    if (!size || !parameters) return broken('Its metadata lacks size or parameters.');
    const problems: ImageProblem[] = [];
    if (parameters.readUInt32LE(4) & HAS_PARENT)
      problems.push(unsafe('It is a differencing disk with a parent image.'));
    return { virtualSizeBytes: size.readBigUInt64LE(0), features: [], problems };
  },
};

const broken = (message: string): FormatFindings => ({
  virtualSizeBytes: 0n,
  features: [],
  problems: [corrupt(message)],
});

async function metadataRegion(source: ByteSource): Promise<bigint | undefined> {
  const table = await source.read(REGION_TABLE, 65_536);
  if (table.length < 16 || table.toString('latin1', 0, 4) !== 'regi') return undefined;
  const entry = findEntry(table, 16, table.readUInt32LE(8), METADATA_REGION);
  return entry?.readBigUInt64LE(16);
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
