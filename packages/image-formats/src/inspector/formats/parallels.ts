import type { FormatInspector } from '../format-inspector.js';
import { corrupt } from '../inspection.js';
import { hasText } from '../probe.js';
import { parallelsTableProblems } from './parallels-table.js';

const HEADER_LENGTH = 64;

/** Parallels (ploop) images: recognised and measured; no gate admits them by default. */
export const parallels: FormatInspector = {
  format: 'parallels',
  matches: (probe) => hasText(probe, 'WithoutFreeSpace') || hasText(probe, 'WithouFreSpacExt'),
  inspect: async (source, { head }) => {
    if (head.length < HEADER_LENGTH) {
      return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its header.')] };
    }
    const problems = head.readUInt32LE(16) === 2 ? [] : [corrupt('Its version is not 2.')];
    const tables = await parallelsTableProblems(source, head);
    return { virtualSizeBytes: head.readBigUInt64LE(36) * 512n, features: [], problems: [...problems, ...tables] };
  },
};
