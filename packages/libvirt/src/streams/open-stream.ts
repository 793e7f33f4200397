import type { Duplex, Readable, Writable } from 'node:stream';
import type { Connection } from '../connection.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { Request } from '../rpc/request.js';
import { DaemonStream } from './daemon-stream.js';
import type { StreamDirection } from './daemon-stream.js';

/** A stream together with what the daemon told when it opened it. */
export interface StreamResult<S, R> {
  readonly stream: S;
  readonly result: R;
}

/** Data from the daemon. */
export async function openReadable(
  connection: Connection,
  request: Request<void>,
  options?: CallOptions,
): Promise<Readable> {
  return (await open(connection, request, { readable: true, writable: false }, options)).stream;
}

/** Data to the daemon. */
export async function openWritable(
  connection: Connection,
  request: Request<void>,
  options?: CallOptions,
): Promise<Writable> {
  return (await open(connection, request, { readable: false, writable: true }, options)).stream;
}

/** Data both ways. */
export async function openDuplex(
  connection: Connection,
  request: Request<void>,
  options?: CallOptions,
): Promise<Duplex> {
  return (await open(connection, request, { readable: true, writable: true }, options)).stream;
}

export function openReadableWith<R>(
  connection: Connection,
  request: Request<R>,
  options?: CallOptions,
): Promise<StreamResult<Readable, R>> {
  return open(connection, request, { readable: true, writable: false }, options);
}

export function openWritableWith<R>(
  connection: Connection,
  request: Request<R>,
  options?: CallOptions,
): Promise<StreamResult<Writable, R>> {
  return open(connection, request, { readable: false, writable: true }, options);
}

async function open<R>(
  connection: Connection,
  request: Request<R>,
  direction: Omit<StreamDirection, 'sparse'>,
  options?: CallOptions,
): Promise<StreamResult<DaemonStream, R>> {
  const { program, procedure, sparse = false } = request;
  const table = connection.rpc.streams;
  let stream: DaemonStream | undefined;
  // QUIRK: the daemon's stream and its reply come from two threads, so that data may arrive before the reply.
  const sent = (serial: number): void => {
    stream = new DaemonStream(table, { program, procedure, serial }, { ...direction, sparse });
    stream.on('error', ignore);
  };
  const late = (serial: number): void => table.sendAbort({ program, procedure, serial });
  try {
    const result = await connection.call({ ...request, sent, late }, options);
    // `sent` has run when the call has resolved.
    return { stream: (stream as DaemonStream | undefined as DaemonStream).off('error', ignore), result };
  } catch (error) {
    (stream as DaemonStream | undefined)?.discard();
    throw error;
  }
}

function ignore(): void {
  // Until the caller has the stream, the call's own error tells what went wrong.
}
