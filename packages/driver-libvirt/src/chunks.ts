import type { Readable } from 'node:stream';

/** The bytes of a stream, typed: without an encoding it yields buffers, which its own type does not say. */
export const chunksOf = (stream: Readable): AsyncIterable<Uint8Array> => stream as AsyncIterable<Uint8Array>;
