import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Socket } from 'node:net';
import { connectGetHostname, domainEvents, openConnection, type Connection } from '../src/index.js';
import { message, scriptedDaemon, words, type ReceivedCall, type ScriptedDaemon } from './scripted-daemon.js';

const REGISTER = 316;
const text = (value: string): Buffer =>
  Buffer.concat([words(value.length), Buffer.from(value), Buffer.alloc(-value.length & 3)]);
const reply = (call: ReceivedCall, body: Buffer): Buffer => message({ ...call, type: 1, status: 0, body });
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
let daemon: ScriptedDaemon;
let connection: Connection;
afterEach(async () => {
  connection.rpc.close();
  await daemon.close();
});

async function against(onCall: (call: ReceivedCall, socket: Socket) => unknown): Promise<void> {
  daemon = await scriptedDaemon(onCall);
  connection = await openConnection(daemon.uri);
}

/** Another client's callers hung for ever in these cases; the numbers are of github.com/digitalocean/go-libvirt. */
describe('a caller is never left waiting', () => {
  it('when the daemon ends with requests outstanding (69)', async () => {
    await against(() => undefined);
    const calls = Array.from({ length: 100 }, () => outcome(connectGetHostname(connection)));
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of daemon.sockets) socket.destroy();
    const errors = await Promise.all(calls);
    expect(errors[0]).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(new Set(errors).size).toBe(1);
  });

  it('by a call that races with closing (120)', async () => {
    await against(() => undefined);
    const before = outcome(connectGetHostname(connection));
    const closing = connection.close();
    const during = outcome(connectGetHostname(connection));
    await closing;
    const after = outcome(connectGetHostname(connection));
    for (const error of await Promise.all([before, during, after])) expect(error).toMatchObject({ code: 'CANCELLED' });
  });

  it('by events whose connection is closed (120)', async () => {
    await against((call, socket) => socket.write(reply(call, words(7))));
    const events = await domainEvents(connection, ['lifecycle', 'reboot']);
    const waiting = events.next();
    await connection.close();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  it('when the daemon takes the request and dies without an answer (132)', async () => {
    await against((call, socket) => {
      if (call.procedure === REGISTER) socket.write(reply(call, words(7)));
      else socket.destroy();
    });
    const events = await domainEvents(connection, ['lifecycle']);
    const waiting = outcome(events.next());
    const error = await outcome(connectGetHostname(connection));
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await waiting).toBe(error);
  });

  it('when a new connection is opened as soon as the old one is lost (167)', async () => {
    let calls = 0;
    await against((call, socket) => (++calls % 2 === 0 ? socket.write(reply(call, text('back'))) : socket.destroy()));
    for (let round = 0; round < 25; round++) {
      const lost = connectGetHostname(connection);
      const reopened = connection.closed.then(() => openConnection(daemon.uri));
      await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      connection = await reopened;
      expect(await connectGetHostname(connection)).toBe('back');
    }
  });
});

describe('many calls on one socket', () => {
  it('are answered in any order', async () => {
    const waiting: ReceivedCall[] = [];
    await against((call, socket) => {
      if (waiting.push(call) < 5) return;
      for (const one of waiting.reverse()) socket.write(reply(one, text(`answer ${one.serial}`)));
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => connectGetHostname(connection)));
    const serials = answers.map((answer) => Number(answer.split(' ')[1]));
    expect(serials).toEqual([...serials].sort((a, b) => a - b));
    expect(new Set(serials).size).toBe(5);
  });

  it('leave in one write, but for the first, which leaves at once', async () => {
    await against((call, socket) => socket.write(reply(call, text('h'))));
    const write = jest.spyOn(connection.rpc.transport.stream, 'write');
    await Promise.all(Array.from({ length: 500 }, () => connectGetHostname(connection)));
    expect(write.mock.calls.length).toBe(2);
  });
  it.each([
    [31, false],
    [64, true],
  ])('are read together when they are many: with %d, %p', async (count, together) => {
    let first = true;
    await against((call, socket) => {
      setTimeout(() => socket.write(reply(call, text('h'))), first ? 0 : 20);
      first = false;
    });
    const pause = jest.spyOn(connection.rpc.transport.stream, 'pause');
    const answers = await Promise.all(Array.from({ length: count }, () => connectGetHostname(connection)));
    expect(answers).toHaveLength(count);
    expect(pause.mock.calls.length > 0).toBe(together);
  });
});
