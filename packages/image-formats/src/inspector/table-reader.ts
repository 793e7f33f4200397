import { LONGEST_READ, type ByteSource } from '../byte-source.js';

/** A table of numbers in pieces of whole entries; ends early where the content does. `width`: bytes of an entry. */
export async function* tableEntries(
  source: ByteSource,
  offset: bigint,
  count: number,
  width: 4 | 8,
  order: 'little' | 'big' = 'little',
): AsyncGenerator<bigint> {
  for (let done = 0; done < count; done += LONGEST_READ / width) {
    const wanted = Math.min(LONGEST_READ / width, count - done);
    const piece = await source.read(offset + BigInt(done * width), wanted * width);
    for (let at = 0; at + width <= piece.length; at += width) yield entryAt(piece, at, width, order);
    if (piece.length < wanted * width) return;
  }
}

function entryAt(piece: Buffer, at: number, width: 4 | 8, order: 'little' | 'big'): bigint {
  if (width === 8) return order === 'little' ? piece.readBigUInt64LE(at) : piece.readBigUInt64BE(at);
  return BigInt(order === 'little' ? piece.readUInt32LE(at) : piece.readUInt32BE(at));
}

/** Counts things of this length that a file claims to hold; false from the one on that cannot fit beside the others. */
export function roomFor({ sizeBytes }: ByteSource, length: bigint): () => boolean {
  let left = sizeBytes / length + 1n;
  return () => {
    left -= 1n;
    return left >= 0n;
  };
}

/** True for 1, 2, 4 and so on. */
export const isPowerOfTwo = (value: bigint): boolean => value > 0n && (value & (value - 1n)) === 0n;
