import type { Readable } from 'node:stream';

/** The bytes of a stream, typed: without an encoding it yields buffers, which its own type does not say. */
export async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk as Uint8Array;
}
