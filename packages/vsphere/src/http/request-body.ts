import { once } from 'node:events';
import type { ClientRequest } from 'node:http';

/** So long a server may take to say that it wants the body; one that says nothing gets it. */
const CONTINUE_MS = 1_000;

/**
 * Sends a body as fast as the server takes it. With `expect: 100-continue` it is asked first, so that a refusal costs
 * no upload and its reason arrives. A server that answers before the end gets no more; the source is closed.
 */
export async function sendBody(request: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  let answered = false;
  request.once('response', () => (answered = true));
  if (request.getHeader('expect') !== undefined) await invited(request);
  const ended = () => answered || request.destroyed;
  if (ended()) return;
  // One piece is fetched, and one waits, while another is on its way: the connection is never without.
  let before = Promise.resolve();
  for await (const piece of body) {
    if (ended()) return;
    const sent = send(request, piece);
    await before;
    if (ended()) return;
    before = sent;
  }
  request.end();
}

async function invited(request: ClientRequest): Promise<void> {
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(), CONTINUE_MS);
  const first = ['continue', 'response', 'close'].map((event) => once(request, event, { signal: done.signal }));
  // An error has its own listener.
  await Promise.race(first).catch(() => undefined);
  clearTimeout(timer);
  done.abort();
  await Promise.allSettled(first);
}

/** Resolves when the connection has taken the piece, or there will be no more of it. */
function send(request: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      request.off('response', done).off('close', done);
      resolve();
    };
    request.on('response', done).on('close', done).write(piece, done);
  });
}
