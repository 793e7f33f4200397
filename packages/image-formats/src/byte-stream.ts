import { ImageError } from './image-error.js';

/** A stream that is taken in pieces of the reader's choice. Holds one piece of the source and what was asked for. */
export interface ByteStream {
  /** Exactly so many bytes. Errors: `ImageError` corrupt (the stream ends before). */
  take(length: number): Promise<Buffer>;
  /** True when nothing is left. */
  atEnd(): Promise<boolean>;
  /** Tells the source that no more is wanted. */
  close(): Promise<void>;
}

/** Takes bytes from a stream by length. The caller closes it. */
export function byteStream(source: AsyncIterable<Uint8Array>): ByteStream {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  const refill = async (): Promise<boolean> => {
    while (rest.byteLength === 0) {
      const next = await iterator.next();
      if (next.done) return false;
      rest = next.value;
    }
    return true;
  };
  return {
    async take(length) {
      const taken = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        if (!(await refill())) throw new ImageError('corrupt', 'It is cut off.');
        const part = rest.subarray(0, length - done);
        taken.set(part, done);
        done += part.byteLength;
        rest = rest.subarray(part.byteLength);
      }
      return taken;
    },
    atEnd: async () => !(await refill()),
    close: async () => void (await iterator.return?.()),
  };
}
