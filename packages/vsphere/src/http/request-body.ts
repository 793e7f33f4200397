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
  for await (const piece of body) {
    if (ended()) return;
    if (!request.write(piece)) await drained(request);
    if (ended()) return;
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

async function drained(request: ClientRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    const events = ['drain', 'response', 'close'] as const;
    const done = () => {
      for (const event of events) request.off(event, done);
      resolve();
    };
    for (const event of events) request.once(event, done);
  });
}
