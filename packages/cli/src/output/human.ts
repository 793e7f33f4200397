import type { Bytes } from '@virt-drivers/core';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes for people: three digits and a binary unit. */
export function humanBytes(value: Bytes | undefined): string {
  if (value === undefined) return '';
  let size = Number(value);
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits).replace(/\.0$/, '')} ${UNITS[unit]}`;
}

/** A duration for people. */
export const humanMilliseconds = (value: number): string =>
  value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;

/** Text that came from elsewhere, made safe for a terminal: control characters become visible instead of obeyed. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) =>
    char === '\n' || char === '\t' ? ' ' : `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
