import { afterEach, expect, it, jest } from '@jest/globals';
import type { Socket } from 'node:net';
import { connectGetHostname, domainEvents, openConnection, storageVolDownload, type Connection } from '../src/index.js';
import { message, scriptedDaemon, words, type ReceivedCall, type ScriptedDaemon } from './scripted-daemon.js';

jest.setTimeout(60_000);

const MIB = 1 << 20;
const volume = { pool: 'p', name: 'v', key: 'k' };
const reply = (call: ReceivedCall, body: Buffer = Buffer.alloc(0)): Buffer => message({ ...call, type: 1, body });
const text = (value: string): Buffer =>
  Buffer.concat([words(value.length), Buffer.from(value), Buffer.alloc(-value.length & 3)]);
let daemon: ScriptedDaemon;
let connection: Connection;
afterEach(async () => {
  connection.rpc.close();
  await daemon.close();
});

async function against(onCall: (call: ReceivedCall, socket: Socket) => unknown): Promise<void> {
  daemon = await scriptedDaemon(onCall);
  connection = await openConnection(daemon.uri, { callTimeout: 30_000 });
}

/** Sends `bytes` again and again, as fast as it is taken. */
async function flood(socket: Socket, bytes: Uint8Array, total: number): Promise<void> {
  for (let sent = 0; sent < total && !socket.destroyed; sent += bytes.length)
    if (!socket.write(bytes)) await new Promise((resolve) => socket.once('drain', resolve));
}

it('questions without end whose answers nobody reads take bounded memory', async () => {
  const ping = message({ program: 0x6b656570, procedure: 1, type: 2 });
  await against((_, socket) => {
    socket.pause();
    void flood(socket, Buffer.concat(Array.from({ length: 4096 }, () => ping)), 64 * MIB);
  });
  const deadline = new Date(Date.now() + 2000);
  await expect(connectGetHostname(connection, { deadline })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(connection.rpc.transport.stream.writableLength).toBeLessThan(4 * MIB);
});

it('the end of a stream is confirmed once, however often it is told', async () => {
  const confirmations: ReceivedCall[] = [];
  await against((call, socket) => {
    if (call.type === 3) confirmations.push(call);
    else if (call.procedure === 59) socket.write(reply(call, text('here')));
    else {
      const end = message({ ...call, type: 3, status: 2, body: Buffer.alloc(0) });
      socket.write(Buffer.concat([reply(call), ...Array.from({ length: 1000 }, () => end)]));
    }
  });
  (await storageVolDownload(connection, volume, 0n, 0n)).resume();
  expect(await connectGetHostname(connection)).toBe('here');
  expect(confirmations).toHaveLength(1);
});

it('events of megabytes that nobody takes are dropped, and the consumer is told', async () => {
  const name = text('n'.repeat(4 * MIB - 4));
  const event = message({
    procedure: 318,
    type: 2,
    body: Buffer.concat([words(7), name, Buffer.alloc(16), words(1, 2, 0)]),
  });
  await against(async (call, socket) => {
    if (call.procedure !== 59) return socket.write(reply(call, words(7)));
    await flood(socket, event, 64 * MIB);
    return socket.write(reply(call, text('not blocked')));
  });
  const events = await domainEvents(connection, ['lifecycle']);
  expect(await connectGetHostname(connection)).toBe('not blocked');
  let kept = 0;
  let next = (await events.next()).value;
  for (; next?.kind === 'lifecycle'; next = (await events.next()).value) kept++;
  expect(kept).toBeLessThanOrEqual(4);
  expect(next).toEqual({ kind: 'gap', dropped: 16 - kept });
  await events.close();
});

it('events that come before their registration is accepted are held within bounds', async () => {
  const before = process.memoryUsage();
  const early = message({ procedure: 318, type: 2, body: Buffer.concat([words(7), Buffer.alloc(MIB)]) });
  await against(async (call, socket) => {
    if (call.procedure === 316) await flood(socket, early, 64 * MIB);
    socket.write(reply(call, words(7)));
  });
  await (await domainEvents(connection, ['lifecycle'])).close();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(32 * MIB);
});

it('bytes that trickle without end do not keep a caller', async () => {
  await against((_, socket) => {
    socket.write(words(1000));
    const timer = setInterval(() => socket.write(Buffer.alloc(1)), 5);
    socket.once('close', () => clearInterval(timer));
  });
  const deadline = new Date(Date.now() + 300);
  await expect(connectGetHostname(connection, { deadline })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});
