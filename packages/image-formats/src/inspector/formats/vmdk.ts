import type { ByteSource } from '../../byte-source.js';
import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type FormatFindings } from '../inspection.js';
import { hasText, type Probe } from '../probe.js';
import { isDescriptorText, readDescriptor } from './vmdk-descriptor.js';

const SECTOR = 512n;
const LONGEST_DESCRIPTOR = 65_536n;

/**
 * VMware disk images: sparse extents (`KDMV`, older `COWD`) and bare descriptors, recognised the way QEMU does it.
 * Whatever may name another file is unsafe: only one embedded sparse extent of its own is accepted.
 */
export const vmdk: FormatInspector = {
  format: 'vmdk',
  matches: (probe) => hasText(probe, 'KDMV') || hasText(probe, 'COWD') || isDescriptorText(probe.head),
  inspect: async (source, probe) => {
    if (hasText(probe, 'KDMV')) return inspectSparse(source, probe);
    if (hasText(probe, 'COWD')) return refused('It is an extent of an ESX disk that is described elsewhere.');
    return refused('It is a descriptor whose data is in other files.');
  },
};

const refused = (message: string): FormatFindings => ({
  virtualSizeBytes: 0n,
  features: [],
  problems: [unsafe(message)],
});

async function inspectSparse(source: ByteSource, { head }: Probe): Promise<FormatFindings> {
  if (head.length < 512)
    return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its header.')] };
  const virtualSizeBytes = head.readBigUInt64LE(12) * SECTOR;
  const offset = head.readBigUInt64LE(28) * SECTOR;
  const length = head.readBigUInt64LE(36) * SECTOR;
  if (offset === 0n) return refused('It is an extent of a disk that is described elsewhere.');
  if (length > LONGEST_DESCRIPTOR || offset >= source.sizeBytes) {
    return { virtualSizeBytes, features: [], problems: [corrupt('Its descriptor is too long or behind its end.')] };
  }
  const text = await source.read(offset, Number(length));
  const { createType, parent, problems } = readDescriptor(text.toString('latin1'));
  return {
    virtualSizeBytes,
    ...(parent !== undefined && { backingFile: parent }),
    features: [`version ${head.readUInt32LE(4)}`, `create type: ${createType ?? 'none'}`],
    problems,
  };
}
