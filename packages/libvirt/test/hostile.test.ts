import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import {
  connectGetHostname,
  connectListAllDomains,
  domainEvents,
  domainGetInfo,
  openConnection,
  storageVolDownload,
  type Connection,
  type Domain,
} from '../src/index.js';
import {
  message,
  scriptedDaemon,
  words,
  REMOTE,
  type ReceivedCall,
  type ScriptedDaemon,
  type SentMessage,
} from './scripted-daemon.js';

const domain: Domain = { name: 'd', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
const volume = { pool: 'p', name: 'v', key: 'k' };
let daemon: ScriptedDaemon;
let connection: Connection;

async function against(onCall: (call: ReceivedCall, socket: Socket) => void): Promise<Connection> {
  daemon = await scriptedDaemon(onCall);
  connection = await openConnection(daemon.uri, { callTimeout: 5000 });
  return connection;
}

afterEach(async () => {
  connection.rpc.close();
  await daemon.close();
});

const reply = (call: ReceivedCall, body: Buffer): Buffer => message({ ...call, type: 1, status: 0, body });
const text = (value: string): Buffer =>
  Buffer.concat([words(value.length), Buffer.from(value), Buffer.alloc(-value.length & 3)]);

describe('a false message length', () => {
  it.each([0, 3, 27, 33554437, 0x7fffffff, 0x80000000, 0xffffffff])('%d ends the connection', async (length) => {
    await against((_, socket) => socket.write(words(length)));
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(await connection.closed).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});

describe('a false body', () => {
  it.each<[string, Buffer]>([
    ['ends early', words(5)],
    ['is empty', Buffer.alloc(0)],
    ['holds a string longer than itself', words(4000, 0)],
    ['holds a string of 2^32-1 bytes', words(0xffffffff)],
    ['holds a string beyond the limit', Buffer.concat([words(4194305), Buffer.alloc(4194308)])],
  ])('that %s', async (_, body) => {
    await against((call, socket) => socket.write(reply(call, body)));
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it.each([[1], [16384], [16385], [0x7fffffff], [0xffffffff]])(
    'that announces %d domains and brings none',
    async (count) => {
      const before = process.memoryUsage().heapUsed;
      await against((call, socket) => socket.write(reply(call, words(count))));
      await expect(connectListAllDomains(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 << 20);
    },
  );

  it('of an error is no less checked', async () => {
    await against((call, socket) =>
      socket.write(message({ ...call, type: 1, status: 1, body: words(42, 10, 1, 0xffffffff) })),
    );
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});

describe('messages out of place', () => {
  it('a reply to a call that was never made ends the connection', async () => {
    await against((call, socket) => socket.write(message({ ...call, type: 1, serial: 4711 })));
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('a second reply to the same call ends the connection', async () => {
    await against((call, socket) => socket.write(Buffer.concat([reply(call, text('a')), reply(call, text('b'))])));
    expect(await connectGetHostname(connection)).toBe('a');
    expect(await connection.closed).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it.each<[string, SentMessage]>([
    ['an unknown type', { type: 99 }],
    ['an unknown version', { type: 1, version: 2 }],
    ['an unknown version of what is no reply', { type: 2, version: 2 }],
    ['a reply of another program', { type: 1, program: 0x20008087 }],
    ['a reply of another procedure', { type: 1, procedure: 1 }],
    ['a reply with an unknown status', { type: 1, status: 7 }],
    ['a call to us', { type: 0 }],
  ])('%s ends the connection', async (_, sent) => {
    await against((call, socket) => socket.write(message({ ...call, body: text('x'), ...sent })));
    await expect(connectGetHostname(connection)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(await connection.closed).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('unknown programs, events and streams are ignored: a newer daemon may send them', async () => {
    await against((call, socket) => {
      socket.write(message({ program: 0x12345678, procedure: 1, type: 2 }));
      socket.write(message({ program: REMOTE, procedure: 9999, type: 2, body: words(1, 2, 3) }));
      socket.write(message({ program: REMOTE, procedure: 318, type: 2 }));
      socket.write(message({ program: REMOTE, procedure: 209, type: 3, serial: 4711, status: 2, body: words(1) }));
      socket.write(reply(call, text('here')));
    });
    expect(await connectGetHostname(connection)).toBe('here');
  });

  it('an event that overtakes the answer to its registration is delivered', async () => {
    const body = Buffer.concat([words(42), text('d'), Buffer.alloc(16), words(1, 2, 0)]);
    await against((call, socket) => {
      const event = message({ procedure: 318, type: 2, body });
      socket.write(
        call.procedure === 316 ? Buffer.concat([event, reply(call, words(42)), event]) : reply(call, Buffer.alloc(0)),
      );
    });
    const events = await domainEvents(connection, ['lifecycle']);
    expect((await events.next()).value).toMatchObject({ kind: 'lifecycle', domain: { name: 'd' }, event: 2 });
    expect((await events.next()).value).toMatchObject({ kind: 'lifecycle' });
    await events.close();
  });

  it('answers a keep-alive question', async () => {
    let pong: ReceivedCall | undefined;
    await against((call, socket) => {
      if (call.program === 0x6b656570) pong = call;
      else if (pong) socket.write(reply(call, text('alive')));
      else {
        socket.write(message({ program: 0x6b656570, procedure: 1, type: 2 }));
        socket.write(reply(call, text('asked')));
      }
    });
    await connectGetHostname(connection);
    expect(await connectGetHostname(connection)).toBe('alive');
    expect(pong).toMatchObject({ procedure: 2, type: 2 });
  });
});

describe('fragments', () => {
  const info = words(1, 0, 8, 0, 4, 2, 0, 7);

  it('a reply cut at every byte boundary is the same reply', async () => {
    let cut = 0;
    await against((call, socket) => {
      const bytes = reply(call, info);
      socket.write(bytes.subarray(0, cut));
      // The second half leaves once the first is on its way: both arrive apart.
      setImmediate(() => setImmediate(() => socket.write(bytes.subarray(cut))));
    });
    for (cut = 1; cut < 28 + info.length; cut++) {
      expect(await domainGetInfo(connection, domain)).toEqual({
        state: 1,
        maxMem: 8n,
        memory: 4n,
        nrVirtCpu: 2,
        cpuTime: 7n,
      });
    }
  });

  it('bytes that come one by one are read, and several messages in one packet too', async () => {
    await against((call, socket) => {
      if (call.procedure === 16) for (const byte of reply(call, info)) socket.write(Buffer.from([byte]));
      else socket.write(reply(call, text('h')));
    });
    const [first, ...rest] = await Promise.all([
      domainGetInfo(connection, domain),
      ...Array.from({ length: 100 }, () => connectGetHostname(connection)),
    ]);
    expect(first.nrVirtCpu).toBe(2);
    expect(rest).toEqual(Array.from({ length: 100 }, () => 'h'));
  });
});

describe('streams', () => {
  it('data that overtakes the reply belongs to the stream', async () => {
    await against((call, socket) => {
      const packet = (data: string, status: number): Buffer =>
        message({ ...call, type: 3, status, body: Buffer.from(data) });
      if (call.type === 3) socket.write(packet('', 0));
      else
        socket.write(
          Buffer.concat([packet('early', 2), reply(call, Buffer.alloc(0)), packet(' late', 2), packet('', 2)]),
        );
    });
    const stream = await storageVolDownload(connection, volume, 0n, 0n);
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('early late');
  });

  it('a stream that the daemon refuses is only the error of its call', async () => {
    await against((call, socket) => {
      socket.write(message({ ...call, type: 3, status: 2, body: Buffer.from('early') }));
      socket.write(message({ ...call, type: 1, status: 1, body: words(50, 18, 0, 2, 0, 0, 0, 0, 0, 0, 0) }));
    });
    await expect(storageVolDownload(connection, volume, 0n, 0n)).rejects.toMatchObject({ code: 'NO_STORAGE_VOL' });
    expect(connection.rpc.streams.paused).toBe(false);
  });

  it('an endless stream that nobody reads takes bounded memory', async () => {
    let sent = 0;
    await against((call, socket) => {
      if (call.type !== 0) return;
      socket.write(reply(call, Buffer.alloc(0)));
      const packet = message({ ...call, type: 3, status: 2, body: Buffer.alloc(65536) });
      const more = (): void => {
        while (sent < 1000 && socket.write(packet)) sent++;
        if (sent < 1000) socket.once('drain', more);
      };
      more();
    });
    const stream = await storageVolDownload(connection, volume, 0n, 0n);
    while (!connection.rpc.streams.paused) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(200);
    expect(stream.readableLength).toBeLessThan(4 << 20);
    stream.destroy();
  });

  it.each<[string, Buffer]>([
    ['negative', words(0xffffffff, 0, 0)],
    ['cut', words(1)],
  ])('a %s hole ends the connection', async (_, hole) => {
    await against((call, socket) => {
      socket.write(reply(call, Buffer.alloc(0)));
      socket.write(message({ ...call, type: 6, status: 2, body: hole }));
    });
    const stream = await storageVolDownload(connection, volume, 0n, 0n);
    await expect(stream.toArray()).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('a hole of 2^62 bytes costs no memory', async () => {
    await against((call, socket) => {
      if (call.type !== 0) return;
      socket.write(reply(call, Buffer.alloc(0)));
      socket.write(message({ ...call, type: 6, status: 2, body: words(0x40000000, 0, 0) }));
    });
    const stream = await storageVolDownload(connection, volume, 0n, 0n);
    await new Promise((resolve) => stream.once('readable', resolve));
    expect(stream.readableLength).toBeLessThan(4 << 20);
    stream.destroy();
  });
});
