import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import { vdiTableProblems } from './vdi-tables.js';

const SIGNATURE = 0xbeda107f;
const HEADER_LENGTH = 0x1c8;
const IMAGE_TYPES: Readonly<Record<number, string>> = { 1: 'dynamic', 2: 'fixed' };

/** VirtualBox disk images. Little endian; the fields used here stand at fixed offsets since version 1.1. */
export const vdi: FormatInspector = {
  format: 'vdi',
  matches: ({ head }) => head.length >= 0x44 && head.readUInt32LE(0x40) === SIGNATURE,
  inspect: async (source, { head }) => {
    if (head.length < HEADER_LENGTH) {
      return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its header.')] };
    }
    const type = IMAGE_TYPES[head.readUInt32LE(0x4c)];
    return {
      virtualSizeBytes: head.readBigUInt64LE(0x170),
      features: type ? [type] : [],
      problems: [...problems(head, type), ...(await vdiTableProblems(source, head))],
    };
  },
};

function problems(head: Buffer, type: string | undefined): ImageProblem[] {
  const found: ImageProblem[] = [];
  if (!type) found.push(unsafe('It is a differencing or unknown type of image: its data is partly in another file.'));
  if (head.subarray(0x1a8, 0x1c8).some((byte) => byte !== 0)) found.push(unsafe('It names a parent image.'));
  if (head.readUInt32LE(0x168) !== 512) found.push(corrupt('Its sectors are not 512 bytes long.'));
  return found;
}
