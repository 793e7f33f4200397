const PIECE = 1_048_576;
const ZEROS = Buffer.alloc(PIECE);

/** So many zero bytes, in pieces that share one buffer: readers must not write into them. */
export function* zeros(length: bigint): Generator<Uint8Array> {
  for (let left = length; left > 0n; left -= BigInt(PIECE))
    yield left < PIECE ? ZEROS.subarray(0, Number(left)) : ZEROS;
}

/** True when every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length; at += PIECE) {
    const part = buffer.subarray(at, at + PIECE);
    if (part.compare(ZEROS, 0, part.length) !== 0) return false;
  }
  return true;
}
