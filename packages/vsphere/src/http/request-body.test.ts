import { afterEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as startRequest, type RequestListener, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { sendBody } from './request-body.js';

const PIECE = 1 << 20;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function put(listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server listens nowhere.');
  return startRequest({ method: 'PUT', host: '127.0.0.1', port: address.port });
}

/** Pieces that differ, and how many of them were taken. */
function pieces(count: number) {
  const state = { taken: 0, closed: false };
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (; state.taken < count; ) {
        await pause(0);
        yield new Uint8Array(PIECE).fill(++state.taken);
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, source: source() };
}

test('every byte arrives once and in order', async () => {
  const sum = createHash('sha256');
  let length = 0;
  const request = await put((incoming, response) => {
    incoming.on('data', (chunk: Uint8Array) => {
      sum.update(chunk);
      length += chunk.length;
    });
    incoming.on('end', () => response.end());
  });
  const answered = once(request, 'response');
  await sendBody(request, pieces(20).source);
  await answered;
  const expected = createHash('sha256');
  for (let number = 1; number <= 20; number++) expected.update(new Uint8Array(PIECE).fill(number));
  expect(length).toBe(20 * PIECE);
  expect(sum.digest('hex')).toBe(expected.digest('hex'));
});

test('a server that takes nothing is sent no more than the connection holds', async () => {
  const request = await put(() => undefined);
  request.on('error', () => undefined);
  const { state, source } = pieces(1_000);
  const sending = sendBody(request, source);
  await pause(300);
  const taken = state.taken;
  await pause(200);
  expect(state.taken).toBe(taken);
  // Two that wait, and what the system's own buffers hold.
  expect(taken).toBeLessThan(40);
  request.destroy();
  await sending;
  expect(state.closed).toBe(true);
});

test('a server that answers before the end gets no more, and the source is closed', async () => {
  const request = await put((_, response) => response.writeHead(507).end());
  request.on('error', () => undefined);
  const { state, source } = pieces(100_000);
  const [[answer]] = await Promise.all([once(request, 'response'), sendBody(request, source)]);
  expect(answer).toMatchObject({ statusCode: 507 });
  expect(state.closed).toBe(true);
  request.destroy();
});

test('the error of the source is the error of the sending', async () => {
  const request = await put(() => undefined);
  request.on('error', () => undefined);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    await pause(1);
    throw new Error('no more tape');
  }
  await expect(sendBody(request, broken())).rejects.toThrow('no more tape');
  request.destroy();
});
