import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One message to a client: a header of six words, then a body. */
export interface SentMessage {
  readonly program?: number;
  readonly version?: number;
  readonly procedure?: number;
  readonly type?: number;
  readonly serial?: number;
  readonly status?: number;
  readonly body?: Buffer;
}

export interface ReceivedCall {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly body: Buffer;
}

type OnCall = (call: ReceivedCall, socket: Socket) => unknown;

export interface ScriptedDaemon {
  readonly uri: string;
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

export const REMOTE = 0x20008086;

export function message({
  program = REMOTE,
  version = 1,
  procedure = 0,
  type = 1,
  serial = 0,
  status = 0,
  body = Buffer.alloc(0),
}: SentMessage): Buffer {
  return Buffer.concat([words(28 + body.length, program, version, procedure, type, serial, status), body]);
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
}

/**
 * A daemon that says exactly what a test tells it to, for what a real one cannot be made to say. It answers the
 * procedures that open a session by itself, but for `except`; everything else goes to `onCall`.
 */
export async function scriptedDaemon(onCall: OnCall, except?: number): Promise<ScriptedDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'scripted-daemon-'));
  const path = join(directory, 'sock');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= pending.readUInt32BE(0)) {
        const length = pending.readUInt32BE(0);
        const call = parse(pending.subarray(4, length));
        if (call.procedure === except) onCall(call, socket);
        else answer(call, socket, onCall);
        pending = pending.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    uri: `test+unix:///default?socket=${path}`,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function parse(frame: Buffer): ReceivedCall {
  const [program = 0, , procedure = 0, type = 0, serial = 0, status = 0] = [0, 4, 8, 12, 16, 20].map((at) =>
    frame.readUInt32BE(at),
  );
  return { program, procedure, type, serial, status, body: frame.subarray(24) };
}

/** AUTH_LIST, CONNECT_OPEN, CONNECT_CLOSE and CONNECT_SUPPORTS_FEATURE with their good answers. */
const SESSION: ReadonlyMap<number, Buffer> = new Map([
  [66, words(0)],
  [1, words()],
  [2, words()],
  [60, words(1)],
]);

function answer(call: ReceivedCall, socket: Socket, onCall: OnCall): void {
  const body = call.program === REMOTE && call.type === 0 ? SESSION.get(call.procedure) : undefined;
  if (body) socket.write(message({ ...call, type: 1, body }));
  else onCall(call, socket);
}
