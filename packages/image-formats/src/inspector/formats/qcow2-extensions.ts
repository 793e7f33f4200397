import type { ByteSource } from '../../byte-source.js';
import { corrupt, type ImageProblem } from '../inspection.js';
import { clusterSize, type Qcow2Header } from './qcow2-header.js';

/** What the header extensions say. */
export interface Qcow2Extensions {
  readonly backingFormat?: string;
  readonly dataFile?: string;
  readonly features: readonly string[];
  readonly problems: readonly ImageProblem[];
}

export const NO_EXTENSIONS: Qcow2Extensions = { features: [], problems: [] };

const END = 0;
const BACKING_FORMAT = 0xe2792aca;
const DATA_FILE = 0x44415441;
const BITMAPS = 0x23852875;
const FULL_DISK_ENCRYPTION = 0x0537be77;
const LONGEST_NAME = 1_023;

/**
 * Walks the header extensions: type, length, data padded to 8 bytes, up to the end marker, the backing file's name or
 * the end of the first cluster. One that reaches beyond that area is an attempt to hide something.
 */
export async function readExtensions(source: ByteSource, header: Qcow2Header): Promise<Qcow2Extensions> {
  const found: { backingFormat?: string; dataFile?: string } = {};
  const features: string[] = [];
  const problems: ImageProblem[] = [];
  const end = header.backingOffset === 0n ? clusterSize(header) : header.backingOffset;
  for (let at = BigInt(header.headerLength); at + 8n <= end; ) {
    const lead = await source.read(at, 8);
    if (lead.length < 8 || lead.readUInt32BE(0) === END) break;
    const type = lead.readUInt32BE(0);
    const length = lead.readUInt32BE(4);
    if (at + 8n + BigInt(length) > end) {
      problems.push(corrupt('One of its header extensions reaches beyond the header.'));
      break;
    }
    const name = async (): Promise<string> =>
      (await source.read(at + 8n, Math.min(length, LONGEST_NAME))).toString('utf8');
    if (type === BACKING_FORMAT) found.backingFormat = await name();
    if (type === DATA_FILE) found.dataFile = await name();
    if (type === BITMAPS) features.push('bitmaps');
    if (type === FULL_DISK_ENCRYPTION) features.push('encryption header');
    at += 8n + BigInt((length + 7) & ~7);
  }
  return { ...found, features, problems };
}
