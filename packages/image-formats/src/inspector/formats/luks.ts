import type { FormatInspector } from '../format-inspector.js';
import { hasText } from '../probe.js';

/** LUKS 1 and 2: an encrypted disk, raw otherwise. Also recognised by the second header of LUKS 2. */
export const luks: FormatInspector = {
  format: 'luks',
  matches: (probe) => hasText(probe, 'LUKS\xba\xbe') || hasText(probe, 'SKUL\xba\xbe', 0x4000),
  inspect: async ({ sizeBytes }, { head }) => ({
    virtualSizeBytes: sizeBytes,
    encryption: 'luks',
    features: head.length >= 8 ? [`LUKS version ${head.readUInt16BE(6)}`] : [],
    problems: [],
  }),
};
