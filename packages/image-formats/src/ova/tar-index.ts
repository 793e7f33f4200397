import { rangeOf, readExactly } from '../byte-range.js';
import type { ByteSource } from '../byte-source.js';
import { ImageError } from '../image-error.js';
import { LONGEST_EXTENDED, readExtendedHeader, type ExtendedHeader } from './extended-header.js';
import { BLOCK, readTarHeader } from './tar-header.js';

/** A file in an archive. */
export interface TarMember {
  readonly name: string;
  readonly content: ByteSource;
}

/** No package has more files; an archive that does is made to keep somebody busy. */
export const MOST_MEMBERS = 1_000;
const LONGEST_NAME = 255;
const PADDED = BigInt(BLOCK);

/**
 * Lists the files of an archive without reading their contents: one header each. Nothing is unpacked, ever.
 * Errors: `ImageError` unsafe (paths, links, devices, sparse files, a name twice, too many members), corrupt.
 */
export async function tarIndex(source: ByteSource): Promise<readonly TarMember[]> {
  const members: TarMember[] = [];
  const names = new Set<string>();
  let pending: ExtendedHeader | undefined;
  let at = 0n;
  for (;;) {
    if (at + PADDED > source.sizeBytes) throw new ImageError('corrupt', 'It is cut off: it ends without an end.');
    const header = readTarHeader(await readExactly(source, at, BLOCK));
    if (!header) break;
    const length = header.kind === 'file' ? (pending?.sizeBytes ?? header.sizeBytes) : header.sizeBytes;
    const start = at + PADDED;
    if (start + length > source.sizeBytes) throw new ImageError('corrupt', 'It is cut off, or a size in it is wrong.');
    at = start + ((length + PADDED - 1n) / PADDED) * PADDED;
    if (header.kind === 'extended') {
      pending = await extended(source, start, length, pending);
      continue;
    }
    const name = checkedName(pending?.name ?? header.name, names);
    pending = undefined;
    if (names.size > MOST_MEMBERS) throw new ImageError('unsafe', `It contains more than ${MOST_MEMBERS} files.`);
    members.push({ name, content: rangeOf(source, start, length) });
  }
  if (pending) throw new ImageError('corrupt', 'It ends in a header for a file that does not follow.');
  return members;
}

async function extended(
  source: ByteSource,
  start: bigint,
  length: bigint,
  pending: ExtendedHeader | undefined,
): Promise<ExtendedHeader> {
  if (pending) throw new ImageError('unsafe', 'It has two extended headers for one file.');
  if (length > LONGEST_EXTENDED) throw new ImageError('unsafe', 'It has an extended header of absurd length.');
  return readExtendedHeader(await readExactly(source, start, Number(length)));
}

// A package is a flat folder; a name that is a path anywhere, on any system, has no business in it.
function checkedName(name: string, names: Set<string>): string {
  const plain = name.startsWith('./') ? name.slice(2) : name;
  if (plain === '' || plain === '.' || plain === '..' || /[/\\:]/.test(plain))
    throw new ImageError('unsafe', 'It contains a file whose name is a path.');
  if (plain.length > LONGEST_NAME || /\p{C}/u.test(plain))
    throw new ImageError('unsafe', 'It contains a file whose name is too long or has control characters.');
  if (names.has(plain.toLowerCase())) throw new ImageError('unsafe', `It contains "${plain}" more than once.`);
  names.add(plain.toLowerCase());
  return plain;
}
