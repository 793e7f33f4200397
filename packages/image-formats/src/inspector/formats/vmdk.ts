import type { ByteSource } from '../../byte-source.js';
import type { FormatInspector } from '../format-inspector.js';
import { corrupt, unsafe, type FormatFindings } from '../inspection.js';
import { hasText, type Probe } from '../probe.js';
import { diskBytes, readSparseHeader } from '../../vmdk/sparse-header.js';
import { checkDescriptor, isDescriptorText } from './vmdk-descriptor.js';
import { sparseTableProblems } from './vmdk-tables.js';

const SECTOR = 512n;
// Sectors.
const LONGEST_DESCRIPTOR = 128n;

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
  const header = readSparseHeader(head);
  if (!header) return { virtualSizeBytes: 0n, features: [], problems: [corrupt('It ends inside its header.')] };
  const { descriptorOffset, descriptorSectors } = header;
  const virtualSizeBytes = diskBytes(header);
  if (descriptorOffset === 0n) return refused('It is an extent of a disk that is described elsewhere.');
  if (descriptorSectors > LONGEST_DESCRIPTOR || descriptorOffset * SECTOR >= source.sizeBytes) {
    return { virtualSizeBytes, features: [], problems: [corrupt('Its descriptor is too long or behind its end.')] };
  }
  const text = await source.read(descriptorOffset * SECTOR, Number(descriptorSectors * SECTOR));
  const { createType, parent, problems } = checkDescriptor(text.toString('latin1'), header.capacity);
  return {
    virtualSizeBytes,
    ...(parent !== undefined && { backingFile: parent }),
    features: [`version ${header.version}`, `create type: ${createType ?? 'none'}`],
    problems: [...problems, ...(await sparseTableProblems(source))],
  };
}
