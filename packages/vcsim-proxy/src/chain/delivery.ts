import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Answer } from '../soap/answer.js';

/** How an answer reaches the client, when not as a whole and at once. */
export type Delivery =
  | { readonly kind: 'whole' | 'gzip' | 'reset' | 'silence' }
  | { readonly kind: 'truncate'; readonly bytes?: number | undefined }
  | { readonly kind: 'pieces'; readonly bytes: number };

/** An answer and the way it takes. */
export interface DeliveredAnswer extends Answer {
  readonly delivery?: Delivery;
}

/** Sends an answer in the way it says; a connection that it breaks is broken for the client too. */
export async function deliver(answer: DeliveredAnswer, response: ServerResponse, reset: () => void): Promise<void> {
  const delivery = answer.delivery ?? { kind: 'whole' };
  if (delivery.kind === 'silence') return;
  if (delivery.kind === 'reset') return reset();
  const { status, headers } = answer;
  const compressed = delivery.kind === 'gzip';
  const body = compressed ? gzipSync(answer.body) : answer.body;
  const encoding = compressed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { ...headers, ...encoding, 'content-length': body.length });
  if (delivery.kind === 'pieces') return inPieces(body, delivery.bytes, response);
  if (delivery.kind === 'truncate') {
    response.write(body.subarray(0, delivery.bytes ?? body.length >> 1), () => response.destroy());
    return;
  }
  response.end(body);
}

async function inPieces(body: Buffer, size: number, response: ServerResponse): Promise<void> {
  response.socket?.setNoDelay(true);
  for (let start = 0; start < body.length && !response.destroyed; start += size) {
    // Not all at once, or the pieces would be put together again on their way.
    if (response.write(body.subarray(start, start + size))) await new Promise(setImmediate);
    else await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
