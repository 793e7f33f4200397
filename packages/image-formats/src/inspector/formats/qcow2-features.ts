import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import type { Qcow2Header } from './qcow2-header.js';

const DIRTY = 1n;
const CORRUPT = 2n;
const EXTERNAL_DATA = 4n;
const COMPRESSION_TYPE = 8n;
const EXTENDED_L2 = 16n;
const KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;
const RAW_EXTERNAL = 2n;

/** The data is in another file, or claims to be readable there as raw. */
export const isExternalData = (header: Qcow2Header): boolean =>
  (header.incompatible & EXTERNAL_DATA) !== 0n || (header.autoclear & RAW_EXTERNAL) !== 0n;

/** What the feature bits forbid. */
export function featureProblems(header: Qcow2Header): ImageProblem[] {
  const problems: ImageProblem[] = [];
  const unknown = header.incompatible & ~KNOWN;
  if (unknown !== 0n) problems.push(unsafe(`It needs features that nobody here knows (0x${unknown.toString(16)}).`));
  if (header.incompatible & CORRUPT) problems.push(corrupt('It is marked corrupt.'));
  const named = (header.incompatible & COMPRESSION_TYPE) !== 0n;
  if (named !== (header.compressionType !== 0))
    problems.push(corrupt('Its compression method and its feature bits disagree.'));
  return problems;
}

/** What the image makes use of, for people. */
export function usedFeatures(header: Qcow2Header): string[] {
  const used: readonly [boolean, string][] = [
    [true, `version ${header.version}`],
    [(header.incompatible & DIRTY) !== 0n, 'dirty'],
    [header.compressionType === 1, 'zstd'],
    [(header.incompatible & EXTENDED_L2) !== 0n, 'extended L2'],
    [header.snapshots > 0, `snapshots: ${header.snapshots}`],
  ];
  return used.filter(([is]) => is).map(([, name]) => name);
}
