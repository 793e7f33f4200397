import { ImageError } from '../image-error.js';

const UNIT = /^byte(?:\s*\*\s*2\^(\d{1,2})|\s*\*\s*(\d{1,12})(?:\^(\d{1,2}))?)?$/;
const OLD_UNITS: Readonly<Record<string, bigint>> = {
  bytes: 1n,
  kilobytes: 1n << 10n,
  megabytes: 1n << 20n,
  gigabytes: 1n << 30n,
  terabytes: 1n << 40n,
};

/** Bytes of one unit, written as DSP0243 has it (`byte * 2^30`) or as OVF 0.9 had it (`GigaBytes`). Default: one. */
export function bytesPerUnit(unit: string | undefined): bigint {
  const text = (unit ?? 'byte').trim();
  const old = OLD_UNITS[text.toLowerCase()];
  if (old !== undefined) return old;
  const match = UNIT.exec(text);
  if (!match) throw new ImageError('unsupported', 'Its descriptor has a size in an unknown unit.');
  const [, power, factor, exponent] = match;
  if (power !== undefined) return 1n << BigInt(power);
  return factor === undefined ? 1n : BigInt(factor) ** BigInt(exponent ?? 1);
}

/** A whole number of at most 18 digits. Errors: `ImageError` corrupt. */
export function wholeNumber(text: string, what: string): bigint {
  if (/^\d{1,18}$/.test(text.trim())) return BigInt(text.trim());
  throw new ImageError('corrupt', `Its descriptor has no whole number as ${what}.`);
}
