import type { Socket } from 'node:net';

/** Reads exactly so many of the bytes that come next; rejects when the other side ends before. */
export function byteReader(socket: Socket): (length: number) => Promise<Buffer> {
  const chunks = socket[Symbol.asyncIterator]();
  let waiting: Buffer = Buffer.alloc(0);
  return async (length) => {
    while (waiting.length < length) {
      const next = await chunks.next();
      if (next.done === true || !Buffer.isBuffer(next.value))
        throw new Error(`The connection ended after ${waiting.length} of ${length} bytes.`);
      waiting = Buffer.concat([waiting, next.value]);
    }
    const read = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    return read;
  };
}
