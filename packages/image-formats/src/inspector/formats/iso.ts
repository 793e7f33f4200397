import type { FormatInspector } from '../format-inspector.js';
import { corrupt, type ImageProblem } from '../inspection.js';
import { hasText, type Probe } from '../probe.js';

const DESCRIPTOR = 16 * 2_048;

/**
 * ISO 9660 (ECMA-119): volume descriptors from sector 16. The 32 KiB before them are free, so a hybrid image may have a
 * partition table there; the signature of any other format there makes the content ambiguous and is refused as such.
 */
export const iso: FormatInspector = {
  format: 'iso',
  matches: (probe) => hasText(probe, 'CD001', DESCRIPTOR + 1),
  inspect: async ({ sizeBytes }, probe) => ({
    virtualSizeBytes: sizeBytes,
    features: [],
    problems: truncation(probe),
  }),
};

function truncation({ head, sizeBytes }: Probe): ImageProblem[] {
  if (head.length < DESCRIPTOR + 2_048) return [corrupt('It ends inside its first volume descriptor.')];
  if (head[DESCRIPTOR] !== 1) return [];
  const described = BigInt(head.readUInt32LE(DESCRIPTOR + 80)) * BigInt(head.readUInt16LE(DESCRIPTOR + 128));
  if (described <= sizeBytes) return [];
  return [corrupt(`It describes ${described} bytes and has ${sizeBytes}: it is truncated.`)];
}
