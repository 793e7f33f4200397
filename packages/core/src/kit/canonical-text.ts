import { createHash } from 'node:crypto';

/**
 * Text that is equal for equal plain data, whatever the order of its members: JSON with sorted members, and bigints as
 * `5n`. Functions and absent members do not count; a `Secret` shows as `[secret]`, so that any two are equal.
 */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** SHA-256 of the canonical text, lower-case hexadecimal: what is kept of a request to know it again. */
export const canonicalDigest = (value: unknown): string =>
  createHash('sha256').update(canonicalText(value)).digest('hex');
