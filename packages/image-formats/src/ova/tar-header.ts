import { ImageError } from '../image-error.js';

/** Bytes of a header, and what contents are padded to. */
export const BLOCK = 512;

/** What follows a header. */
export type TarKind = 'file' | 'extended';

/** One header of an archive (POSIX ustar, and what GNU tar writes for plain files). */
export interface TarHeader {
  readonly kind: TarKind;
  readonly name: string;
  readonly sizeBytes: bigint;
}

const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a directory',
  '6': 'a pipe',
  S: 'a sparse file',
  K: 'a renaming header',
  L: 'a renaming header',
  g: 'a header for all that follow',
};
const CHECKSUM = { from: 148, to: 156 };

/**
 * Reads a header; undefined for a block of zeros, which ends an archive. Only plain files pass, and the extended headers
 * in front of them. Errors: `ImageError` unsafe (links, devices, sparse files …), corrupt.
 */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (octal(block.subarray(CHECKSUM.from, CHECKSUM.to)) !== BigInt(checksum(block)))
    throw new ImageError('corrupt', 'It is no tar archive, or a header of it is damaged.');
  const magic = block.toString('latin1', 257, 265);
  if (magic !== 'ustar\x0000' && magic !== 'ustar  \0')
    throw new ImageError('corrupt', 'Its headers are of an unknown kind of tar.');
  const name = nameOf(block, magic.startsWith('ustar\0'));
  const type = block.toString('latin1', 156, 157);
  const refused = REFUSED[type];
  if (refused) throw new ImageError('unsafe', `It contains ${refused}.`);
  if (type !== '0' && type !== '\0' && type !== 'x')
    throw new ImageError('unsafe', 'It contains a member of unknown type.');
  return { kind: type === 'x' ? 'extended' : 'file', name, sizeBytes: size(block.subarray(124, 136)) };
}

function nameOf(block: Buffer, hasPrefix: boolean): string {
  const name = text(block.subarray(0, 100));
  const prefix = hasPrefix ? text(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** A length: octal digits, or GNU tar's binary form for 8 GiB and more. */
function size(field: Buffer): bigint {
  if (field[0] !== 0x80) return octal(field);
  return BigInt(`0x${field.subarray(1).toString('hex')}`);
}

function octal(field: Buffer): bigint {
  const match = /^ *([0-7]{1,12})[ \0]*$/.exec(field.toString('latin1'));
  if (!match?.[1]) throw new ImageError('corrupt', 'A number in a header of it is not one.');
  return BigInt(`0o${match[1]}`);
}

/** Sum of all bytes, with those of the checksum as spaces. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= CHECKSUM.from && index < CHECKSUM.to ? 0x20 : byte;
  return sum;
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}
