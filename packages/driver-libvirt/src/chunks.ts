import type { Readable } from 'node:stream';
import { setImmediate as othersTurn } from 'node:timers/promises';

/** Bytes after which others get a turn: gigabytes of zeros come without a wait, and the connection must stay alive. */
const TURN_BYTES = 8 << 20;

/** The bytes of a stream, typed: without an encoding it yields buffers, which its own type does not say. */
export async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
  let since = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Uint8Array;
    yield bytes;
    since += bytes.length;
    if (since < TURN_BYTES) continue;
    since = 0;
    await othersTurn();
  }
}
