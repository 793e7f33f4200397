import type { Secret } from '@virt-drivers/core';

const isSecret = (value: object): value is Secret => 'reveal' in value;

/**
 * The value as JSON can carry it: bigints as numbers where that is exact and as decimal texts where it is not, dates as
 * ISO 8601 in UTC, bytes as base64, secrets as `[secret]`.
 */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (isSecret(value)) return '[secret]';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
