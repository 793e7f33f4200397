import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { ImageError } from '../image-error.js';

const inflateAsync = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);
const deflateAsync = promisify<Uint8Array, { level: number }, Buffer>(deflate);

/** How many grains are compressed or expanded at a time, by threads of the runtime's pool. */
export const GRAINS_AT_ONCE = 8;

/** More than deflate can make of a grain that does not compress. */
export const longestCompressed = (grain: number): number => grain + Math.ceil(grain / 1_000) + 64;

/**
 * The grain in these compressed bytes, which are exactly `expected` bytes of it: more never, and fewer only in the last
 * grain, down to `least`. Errors: `ImageError` corrupt.
 */
export async function expandGrain(compressed: Uint8Array, expected: number, least = expected): Promise<Buffer> {
  const grain = await inflateAsync(compressed, { maxOutputLength: expected }).catch((cause: unknown) => {
    throw new ImageError('corrupt', 'Compressed data of it does not expand to what it should.', { cause });
  });
  if (grain.length >= least) return grain;
  throw new ImageError('corrupt', 'Compressed data of it expands to less than it should.');
}

/** The grain compressed. `level` as in zlib, 1 (fast) to 9 (small). */
export const compressGrain = (grain: Uint8Array, level: number): Promise<Buffer> => deflateAsync(grain, { level });
