import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
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
    problems: luksProblems(head, sizeBytes),
  }),
};

/** A header that describes data in this file: of a known version, whole, and not detached from what it encrypts. */
function luksProblems(head: Buffer, sizeBytes: bigint): ImageProblem[] {
  if (head.length < 512) return [corrupt('It ends inside its header.')];
  // Found by its second header: the first one, which tools want, is gone.
  if (head.toString('latin1', 0, 4) !== 'LUKS') return [corrupt('Its first header is damaged.')];
  const version = head.readUInt16BE(6);
  if (version === 1) {
    const payload = BigInt(head.readUInt32BE(104)) * 512n;
    if (payload === 0n) return [unsafe('Its header is detached: the data is elsewhere.')];
    return payload > sizeBytes ? [corrupt('Its data would begin behind its end.')] : [];
  }
  if (version !== 2) return [corrupt('Its version is neither 1 nor 2.')];
  const length = head.readBigUInt64BE(8);
  if (length < 16_384n || length > 4_194_304n || (length & (length - 1n)) !== 0n)
    return [corrupt('The length of its header is absurd.')];
  if (head.readBigUInt64BE(256) !== 0n) return [corrupt('Its header is not where it says.')];
  return 2n * length >= sizeBytes ? [unsafe('Its header is detached: the data is elsewhere.')] : [];
}
