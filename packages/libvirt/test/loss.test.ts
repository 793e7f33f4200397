import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import {
  connectGetHostname,
  connectGetVersion,
  domainEvents,
  openConnection,
  storageVolDownload,
  storageVolUpload,
  type Connection,
} from '../src/index.js';
import { describeOnPeer } from './on-peer.js';
import { message, scriptedDaemon, words, type ReceivedCall, type ScriptedDaemon } from './scripted-daemon.js';

const volume = { pool: 'p', name: 'v', key: 'k' };
const reply = (call: ReceivedCall, body: Buffer): Buffer => message({ ...call, type: 1, status: 0, body });
const text = (value: string): Buffer =>
  Buffer.concat([words(value.length), Buffer.from(value), Buffer.alloc(-value.length & 3)]);
const HOSTNAME = 59;
let daemon: ScriptedDaemon;
let connection: Connection;
afterEach(async () => {
  connection?.rpc.close();
  await daemon?.close();
});

async function against(onCall: (call: ReceivedCall, socket: Socket) => unknown): Promise<Connection> {
  daemon = await scriptedDaemon(onCall);
  connection = await openConnection(daemon.uri);
  return connection;
}

describe('a connection that breaks', () => {
  it('ends every call, stream and subscription at once with the same error', async () => {
    await against((call, socket) => {
      if (call.type === 0 && call.procedure !== HOSTNAME) socket.write(reply(call, words(7)));
    });
    const [download, upload, events] = await Promise.all([
      storageVolDownload(connection, volume, 0n, 0n),
      storageVolUpload(connection, volume, 0n, 0n),
      domainEvents(connection, ['lifecycle', 'reboot']),
    ]);
    const ends = [
      connectGetHostname(connection),
      connectGetHostname(connection, { signal: new AbortController().signal }),
      download.toArray(),
      new Promise((_, reject) => upload.once('error', reject)),
      events.next(),
    ].map((end) => Promise.resolve(end).catch((error: unknown) => error));
    for (const socket of daemon.sockets) socket.destroy();
    const errors = await Promise.all(ends);
    expect(errors[0]).toMatchObject({ name: 'LibvirtError', code: 'CONNECTION_LOST' });
    for (const error of errors) expect(error).toBe(errors[0]);
    expect(await connection.closed).toBe(errors[0]);
  });

  it('refuses later calls with that error', async () => {
    await against((_, socket) => socket.destroy());
    const first = await connectGetHostname(connection).catch((error: unknown) => error);
    await expect(connectGetHostname(connection)).rejects.toBe(first);
    await expect(domainEvents(connection)).rejects.toBe(first);
    await connection.close();
  });

  it('found out by keep-alive is lost too', async () => {
    daemon = await scriptedDaemon(() => undefined);
    connection = await openConnection(daemon.uri, { keepAlive: { interval: 20, count: 2 } });
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a consumer that does not keep up', () => {
  it('blocks no call, and learns how much it has missed', async () => {
    const body = Buffer.concat([words(7), text('d'), Buffer.alloc(16), words(1, 2, 0)]);
    await against((call, socket) => {
      if (call.procedure !== HOSTNAME) return socket.write(reply(call, words(7)));
      for (let index = 0; index < 5000; index++) socket.write(message({ procedure: 318, type: 2, body }));
      return socket.write(reply(call, text('not blocked')));
    });
    const events = await domainEvents(connection, ['lifecycle'], { queueLimit: 10 });
    expect(await connectGetHostname(connection)).toBe('not blocked');
    for (let index = 0; index < 10; index++) expect((await events.next()).value).toMatchObject({ kind: 'lifecycle' });
    expect((await events.next()).value).toEqual({ kind: 'gap', dropped: 4990 });
    await events.close();
  });
});

describe('a caller that gives up', () => {
  it('gets its own error; the reply that comes later is dropped and others are not disturbed', async () => {
    const waiting: (() => void)[] = [];
    let allReceived: () => void;
    const received = new Promise<void>((resolve) => (allReceived = resolve));
    await against((call, socket) => {
      if (waiting.push(() => socket.write(reply(call, text('late')))) === 3) allReceived();
    });
    const controller = new AbortController();
    const cancelled = connectGetHostname(connection, { signal: controller.signal });
    const expired = connectGetHostname(connection, { deadline: new Date(Date.now() + 20) });
    const patient = connectGetHostname(connection);
    controller.abort('enough');
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED', cause: 'enough' });
    await expect(expired).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await received;
    for (const answer of waiting) answer();
    expect(await patient).toBe('late');
  });

  it('while a stream is opened leaves no stream behind', async () => {
    const seen: ReceivedCall[] = [];
    let asked: (open: () => void) => void;
    const open = new Promise<() => void>((resolve) => (asked = resolve));
    await against((call, socket) => {
      seen.push(call);
      if (call.procedure === HOSTNAME) socket.write(reply(call, text('here')));
      else asked(() => socket.write(reply(call, Buffer.alloc(0))));
    });
    const late = storageVolDownload(connection, volume, 0n, 0n, 0, { deadline: new Date(Date.now() + 20) });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    (await open)();
    await connectGetHostname(connection);
    await connectGetHostname(connection);
    expect(seen.find((call) => call.type === 3)).toMatchObject({ procedure: 209, status: 1 });
  });

  it('while events are registered leaves no registration behind', async () => {
    const seen: ReceivedCall[] = [];
    let asked: (open: () => void) => void;
    const open = new Promise<() => void>((resolve) => (asked = resolve));
    await against((call, socket) => {
      seen.push(call);
      if (call.procedure === 316) asked(() => socket.write(reply(call, words(42))));
      else socket.write(reply(call, call.procedure === HOSTNAME ? text('here') : Buffer.alloc(0)));
    });
    const late = domainEvents(connection, ['lifecycle'], { deadline: new Date(Date.now() + 20) });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    (await open)();
    await connectGetHostname(connection);
    await connectGetHostname(connection);
    expect(seen.find((call) => call.procedure === 317)?.body).toEqual(words(42));
  });

  it('before anything was sent sends nothing', async () => {
    await against(() => undefined);
    await expect(connectGetHostname(connection, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('no connection', () => {
  it.each(['nothing', '', 'qemu:/system', 'qemu+carrier://h/', 'qemu+unix://host/system', 'qemu+tcp:///system'])(
    '%j is no URI',
    async (uri) => {
      await expect(openConnection(uri)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('a socket that is not there says which', async () => {
    const failed = openConnection('qemu+unix:///system?socket=/nowhere/libvirt-sock');
    await expect(failed).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('/nowhere/libvirt-sock'),
    });
  });
});

await describeOnPeer('a real daemon', (peer) => {
  it('that is stopped neither hangs a caller nor a new connection', async () => {
    const open = await openConnection(peer.testUri, { callTimeout: 200 });
    peer.sigstop();
    try {
      await expect(connectGetVersion(open)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await expect(openConnection(peer.testUri, { connectTimeout: 200 })).rejects.toMatchObject({
        code: 'DEADLINE_EXCEEDED',
      });
      const controller = new AbortController();
      const cancelled = openConnection(peer.testUri, { signal: controller.signal });
      controller.abort();
      await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    } finally {
      peer.sigcont();
    }
    expect(await connectGetVersion(open)).toBeGreaterThan(0n);
    await open.close();
  });

  it('that is stopped is found out by keep-alive', async () => {
    const open = await openConnection(peer.testUri, { keepAlive: { interval: 50, count: 2 } });
    peer.sigstop();
    expect(await open.closed).toMatchObject({ code: 'CONNECTION_LOST' });
    peer.sigcont();
  });

  it('that is alive keeps an idle connection', async () => {
    const open = await openConnection(peer.testUri, { keepAlive: { interval: 50, count: 40 } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await connectGetVersion(open)).toBeGreaterThan(0n);
    await open.close();
  });

  it('that is killed is a lost connection; a restarted one takes a new connection', async () => {
    const open = await openConnection(peer.testUri);
    await peer.kill9();
    expect(await open.closed).toMatchObject({ code: 'CONNECTION_LOST' });
    await peer.restart();
    const again = await openConnection(peer.testUri);
    expect(await connectGetVersion(again)).toBeGreaterThan(0n);
    await again.close();
  });
});
