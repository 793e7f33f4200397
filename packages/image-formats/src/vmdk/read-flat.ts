import { bytesOf, rangeOf } from '../byte-range.js';
import type { ByteSource } from '../byte-source.js';
import { ImageError } from '../image-error.js';
import { parseDescriptor, type VmdkExtent } from './descriptor.js';
import type { ReadableDisk } from './read-sparse.js';
import { SECTOR } from './sparse-header.js';

const FLAT_TYPES = new Set(['monolithicFlat', 'vmfs']);
const FLAT_KINDS = new Set(['FLAT', 'VMFS']);

/**
 * Opens a disk that is a descriptor beside one flat extent. The descriptor's name for the extent is never opened:
 * `extentOf` gets it, as a plain file name, and answers with the content that the caller has for it, or undefined.
 * Errors: `ImageError` unsafe (a parent, a name with a path), unsupported (several extents, other types), corrupt.
 */
export function openFlatVmdk(descriptor: string, extentOf: (fileName: string) => ByteSource | undefined): ReadableDisk {
  const { createType, parent, extents, repeated } = parseDescriptor(descriptor);
  if (repeated.length > 0) throw new ImageError('unsafe', `Its descriptor has ${repeated.join(', ')} more than once.`);
  if (parent !== undefined) throw new ImageError('unsafe', 'It names a parent image.');
  if (!FLAT_TYPES.has(createType ?? '')) {
    throw new ImageError('unsupported', 'Its create type is not that of a disk with one flat extent.');
  }
  const [extent, ...others] = extents;
  if (!extent || others.length > 0 || !FLAT_KINDS.has(extent.kind))
    throw new ImageError('unsupported', 'It does not have exactly one flat extent.');
  const data = dataOf(extent, extentOf);
  return {
    sizeBytes: data.sizeBytes,
    extents: async function* () {
      let offset = 0n;
      for await (const piece of bytesOf(data)) {
        yield { offset, data: piece };
        offset += BigInt(piece.length);
      }
    },
    raw: () => bytesOf(data),
  };
}

function dataOf(extent: VmdkExtent, extentOf: (fileName: string) => ByteSource | undefined): ByteSource {
  const { fileName } = extent;
  if (fileName === '' || fileName === '.' || fileName === '..' || /[/\\:\0]/.test(fileName))
    throw new ImageError('unsafe', 'Its extent is not a plain file name.');
  const source = extentOf(fileName);
  if (!source) throw new ImageError('corrupt', 'Its extent is not there.');
  const start = extent.offset * BigInt(SECTOR);
  const length = extent.sectors * BigInt(SECTOR);
  if (length === 0n || start + length > source.sizeBytes)
    throw new ImageError('corrupt', 'Its extent is shorter than its descriptor says.');
  return rangeOf(source, start, length);
}
