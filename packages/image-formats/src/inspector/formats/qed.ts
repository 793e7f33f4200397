import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe } from '../inspection.js';
import { hasText } from '../probe.js';
import { qedProblems } from './qed-tables.js';

const HEADER_LENGTH = 64;
const BACKING_FILE = 1n;

/** QEMU enhanced disk images: recognised, measured, and their backing file seen; no gate admits them by default. */
export const qed: FormatInspector = {
  format: 'qed',
  matches: (probe) => hasText(probe, 'QED\0'),
  inspect: async (source, { head }) => {
    if (head.length < HEADER_LENGTH) {
      return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its header.')] };
    }
    const virtualSizeBytes = head.readBigUInt64LE(48);
    const problems = await qedProblems(source, head);
    if ((head.readBigUInt64LE(16) & BACKING_FILE) === 0n) return { virtualSizeBytes, features: [], problems };
    const offset = head.readUInt32LE(56);
    const backingFile = head.toString('utf8', offset, offset + Math.min(head.readUInt32LE(60), 1_023));
    return { virtualSizeBytes, backingFile, features: [], problems: [unsafe('It names a backing file.'), ...problems] };
  },
};
