import { bytes, DriverError, type Bytes } from '@virt-drivers/core';

const FACTORS: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 1024n,
  m: 1024n ** 2n,
  g: 1024n ** 3n,
  t: 1024n ** 4n,
};

/** A size as people write it: `512M`, `10G`, `10GiB`, `1048576`. Units are binary. Errors: `REQUEST.INVALID`. */
export function parseSize(text: string): Bytes {
  const match = /^(\d{1,15})\s*([kmgt]?)(i?b)?$/i.exec(text.trim());
  const factor = FACTORS[match?.[2]?.toLowerCase() ?? ''];
  if (!match?.[1] || factor === undefined) {
    throw new DriverError(
      'REQUEST.INVALID',
      `Size "${text}" is not understood. Write a whole number with K, M, G or T, for example 10G.`,
    );
  }
  return bytes(BigInt(match[1]) * factor);
}
