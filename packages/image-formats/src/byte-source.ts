import { open, type FileHandle } from 'node:fs/promises';

/** Content that can be read anywhere, for example a file. Inspectors read it in pieces and never hold all of it. */
export interface ByteSource {
  readonly sizeBytes: bigint;
  /** The bytes from `offset` on: fewer than `length` at the end of the content, none behind it. */
  read(offset: bigint, length: number): Promise<Buffer>;
}

/** No single read asks for more, so that a header that lies about lengths cannot make us allocate. */
export const LONGEST_READ = 65_536;

/** Content that is in memory already. */
export function bytesInMemory(content: Uint8Array): ByteSource {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return {
    sizeBytes: BigInt(bytes.length),
    read: async (offset, length) => {
      const [from, count] = clamp(BigInt(bytes.length), offset, length);
      return bytes.subarray(from, from + count);
    },
  };
}

/** Content of an open file; the caller keeps the handle and closes it. */
export async function bytesOfHandle(handle: FileHandle): Promise<ByteSource> {
  const { size } = await handle.stat({ bigint: true });
  return {
    sizeBytes: size,
    read: async (offset, length) => {
      const [from, count] = clamp(size, offset, length);
      const buffer = Buffer.alloc(count);
      let filled = 0;
      while (filled < count) {
        const { bytesRead } = await handle.read(buffer, filled, count - filled, from + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
  };
}

/** Opens a file for `use` and closes it whatever happens. */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await use(await bytesOfHandle(handle));
  } finally {
    await handle.close();
  }
}

function clamp(size: bigint, offset: bigint, length: number): [number, number] {
  if (length > LONGEST_READ) throw new RangeError(`Reads are limited to ${LONGEST_READ} bytes; got ${length}.`);
  if (offset < 0n || offset >= size || length <= 0) return [0, 0];
  const left = size - offset;
  return [Number(offset), left < BigInt(length) ? Number(left) : length];
}
