import type { FormatInspector } from '../format-inspector.js';

/** Raw content: no signature of its own, it is its own disk. */
export const raw: FormatInspector = {
  format: 'raw',
  matches: () => false,
  inspect: async ({ sizeBytes }) => ({ virtualSizeBytes: sizeBytes, features: [], problems: [] }),
};
