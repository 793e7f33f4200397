import { bytes, type DiskFormat, type ImageSource } from '@virt-drivers/core';
import { createCipheriv, createHash } from 'node:crypto';

/** Content held in memory, as a verified source. */
export function contentOf(data: Uint8Array, format: DiskFormat = 'raw'): ImageSource {
  const chunk = 65_536;
  return {
    format,
    sizeBytes: bytes(data.length),
    virtualSizeBytes: bytes(data.length),
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(data).digest('hex') },
    async *open() {
      for (let start = 0; start < data.length; start += chunk) yield data.subarray(start, start + chunk);
    },
  };
}

/** Bytes that look like nothing else and are the same for the same seed. */
export function pattern(length: number, seed: string): Uint8Array {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(new Uint8Array(length));
}

/** Content that breaks off with an error after some bytes. */
export function brokenContent(data: Uint8Array, error: Error): ImageSource {
  return {
    ...contentOf(data),
    async *open() {
      yield data.subarray(0, Math.floor(data.length / 2));
      throw error;
    },
  };
}

/** Digest and length of a stream; `prefixBytes` limits the digest to the beginning. */
export async function digestOf(
  chunks: AsyncIterable<Uint8Array>,
  prefixBytes = Infinity,
): Promise<{ readonly hex: string; readonly length: number; readonly zeroTail: boolean }> {
  const hash = createHash('sha256');
  let length = 0;
  let zeroTail = true;
  for await (const chunk of chunks) {
    const taken = Math.max(0, Math.min(chunk.length, prefixBytes - length));
    hash.update(chunk.subarray(0, taken));
    zeroTail &&= !chunk.subarray(taken).some((byte) => byte !== 0);
    length += chunk.length;
  }
  return { hex: hash.digest('hex'), length, zeroTail };
}
