import { ImageError } from '../image-error.js';

/** What an extended header (POSIX pax) changes about the file after it. */
export interface ExtendedHeader {
  readonly name?: string;
  readonly sizeBytes?: bigint;
}

/** More than times, owners and one name need. */
export const LONGEST_EXTENDED = 16_384n;

// They say nothing about the content.
const HARMLESS = /^(?:[acm]time|uid|gid|uname|gname|comment|charset|LIBARCHIVE\.creationtime)$/;

/** Reads the records of an extended header. Errors: `ImageError` unsafe (sparse files, unknown words), corrupt. */
export function readExtendedHeader(bytes: Buffer): ExtendedHeader {
  let found: ExtendedHeader = {};
  for (let at = 0; at < bytes.length; ) {
    const [length, key, value] = record(bytes, at);
    found = { ...found, ...meaning(key, value) };
    at += length;
  }
  return found;
}

function record(bytes: Buffer, at: number): readonly [number, string, string] {
  const space = bytes.indexOf(0x20, at);
  const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
  const length = /^[1-9]\d{0,4}$/.test(digits) ? Number(digits) : 0;
  const line = bytes.toString('utf8', space + 1, at + length - 1);
  const equals = line.indexOf('=');
  if (length === 0 || at + length > bytes.length || bytes[at + length - 1] !== 0x0a || equals < 1)
    throw new ImageError('corrupt', 'An extended header of it is damaged.');
  return [length, line.slice(0, equals), line.slice(equals + 1)];
}

function meaning(key: string, value: string): ExtendedHeader {
  if (HARMLESS.test(key)) return {};
  if (key === 'path') return { name: value };
  if (key === 'size' && /^\d{1,18}$/.test(value)) return { sizeBytes: BigInt(value) };
  if (key.startsWith('GNU.sparse')) throw new ImageError('unsafe', 'It contains a sparse file.');
  throw new ImageError('unsafe', 'It contains an extended header that changes a file in an unknown way.');
}
