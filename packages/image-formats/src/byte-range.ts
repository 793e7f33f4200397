import { LONGEST_READ, type ByteSource } from './byte-source.js';
import { ImageError } from './image-error.js';

/** A part of another source, for example one member of an archive. What is behind its end is not there. */
export function rangeOf(source: ByteSource, start: bigint, sizeBytes: bigint): ByteSource {
  return {
    sizeBytes,
    read: async (offset, length) => {
      if (offset < 0n || offset >= sizeBytes || length <= 0) return Buffer.alloc(0);
      const left = sizeBytes - offset;
      return source.read(start + offset, left < BigInt(length) ? Number(left) : length);
    },
  };
}

/** All of these bytes, however many. Errors: `ImageError` corrupt (the source ends before). */
export async function readExactly(source: ByteSource, offset: bigint, length: number): Promise<Buffer> {
  if (offset + BigInt(length) > source.sizeBytes) throw new ImageError('corrupt', 'It ends where data should be.');
  if (length <= LONGEST_READ) return whole(await source.read(offset, length), length);
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; done += LONGEST_READ) {
    const wanted = Math.min(LONGEST_READ, length - done);
    whole(await source.read(offset + BigInt(done), wanted), wanted).copy(buffer, done);
  }
  return buffer;
}

/** The content from its start to its end, in pieces. Errors: `ImageError` corrupt (it became shorter meanwhile). */
export async function* bytesOf(source: ByteSource): AsyncGenerator<Buffer> {
  for (let at = 0n; at < source.sizeBytes; at += BigInt(LONGEST_READ)) {
    const left = source.sizeBytes - at;
    yield await readExactly(source, at, left < BigInt(LONGEST_READ) ? Number(left) : LONGEST_READ);
  }
}

function whole(piece: Buffer, length: number): Buffer {
  if (piece.length === length) return piece;
  throw new ImageError('corrupt', 'It became shorter while it was read.');
}
