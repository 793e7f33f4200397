import type { ByteSource } from '../../byte-source.js';
import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type ImageProblem } from '../inspection.js';
import { endsWithText, hasText, type Probe } from '../probe.js';
import { dynamicProblems } from './vhd-dynamic.js';

const COOKIE = 'conectix';
const FOOTER_LENGTH = 512;
const DISK_TYPES: Readonly<Record<number, string>> = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' };

/**
 * Virtual Hard Disk images. Dynamic ones have the footer's copy in front; fixed ones are a raw disk followed by the
 * footer, so a raw content that ends in one is a VHD to some tools: both ends count. Old writers left 511 bytes.
 */
export const vhd: FormatInspector = {
  format: 'vhd',
  matches: (probe) =>
    hasText(probe, COOKIE) ||
    endsWithText(probe, COOKIE, FOOTER_LENGTH) ||
    endsWithText(probe, COOKIE, FOOTER_LENGTH - 1),
  inspect: async (source, probe) => {
    const footer = hasText(probe, COOKIE)
      ? probe.head
      : probe.tail.subarray(probe.tail.indexOf(COOKIE, -FOOTER_LENGTH));
    if (footer.length < FOOTER_LENGTH - 1) {
      return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its footer.')] };
    }
    const type = DISK_TYPES[footer.readUInt32BE(60)];
    return {
      virtualSizeBytes: footer.readBigUInt64BE(48),
      features: type ? [type] : [],
      problems: [...problems(footer, type), ...(await dataProblems(source, probe, footer, type))],
    };
  },
};

async function dataProblems(
  source: ByteSource,
  probe: Probe,
  footer: Buffer,
  type: string | undefined,
): Promise<ImageProblem[]> {
  if (type === 'dynamic') return dynamicProblems(source, footer);
  const end = footer.readBigUInt64BE(48) + BigInt(FOOTER_LENGTH);
  const isWhole = end === probe.sizeBytes || end - 1n === probe.sizeBytes;
  return type === 'fixed' && !isWhole ? [corrupt('It is not as long as its footer says.')] : [];
}

function problems(footer: Buffer, type: string | undefined): ImageProblem[] {
  const found: ImageProblem[] = [];
  if (type === undefined) found.push(corrupt('Its disk type is unknown.'));
  if (type === 'differencing') found.push(unsafe('It is a differencing disk: its data is partly in a parent image.'));
  if (footer.readUInt32BE(64) !== checksum(footer)) found.push(corrupt('The checksum of its footer is wrong.'));
  return found;
}

/** One's complement of the sum of all bytes but the checksum's own. */
function checksum(footer: Buffer): number {
  let sum = 0;
  for (const [index, byte] of footer.subarray(0, FOOTER_LENGTH).entries()) {
    if (index < 64 || index >= 68) sum += byte;
  }
  return ~sum >>> 0;
}
