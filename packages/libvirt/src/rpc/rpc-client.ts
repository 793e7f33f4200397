import type { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import { XdrReader } from '../xdr/reader.js';
import type { CallOptions } from './call-options.js';
import { EventRoutes } from './event-routes.js';
import { FrameReader } from './frame-reader.js';
import { KEEP_ALIVE_PING, KEEP_ALIVE_PONG, KEEP_ALIVE_PROGRAM, KeepAlive } from './keep-alive.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { MessageStatus, MessageType, parseMessage } from './message.js';
import type { Message } from './message.js';
import { Outbox } from './outbox.js';
import { cancelled, PendingCalls } from './pending-calls.js';
import { readLibvirtError } from './remote-error.js';
import type { Request } from './request.js';
import { StreamTable } from '../streams/stream-table.js';
import type { Transport } from '../transport/transport.js';

/** One libvirt connection's messages: pairs replies with calls, routes events and streams. Owns its stream. */
export class RpcClient {
  readonly events = new EventRoutes();
  readonly streams: StreamTable;
  /** Resolves when the connection has ended: with the error that ended it, or undefined after `close`. */
  readonly closed: Promise<LibvirtError | undefined>;
  readonly #stream: Duplex;
  readonly #outbox: Outbox;
  readonly #pending = new PendingCalls();
  readonly #frames = new FrameReader();
  readonly #callTimeout: number;
  #keepAlive: KeepAlive | undefined;
  #serial = 0;
  #end: LibvirtError | undefined;
  #resolveClosed: (error: LibvirtError | undefined) => void = () => undefined;

  constructor(
    readonly transport: Transport,
    callTimeout: number,
  ) {
    const { stream, receive } = transport;
    this.#stream = stream;
    this.#callTimeout = callTimeout;
    this.#outbox = new Outbox(stream);
    this.streams = new StreamTable(this.#outbox, stream);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    receive((chunk) => this.#receive(chunk));
    stream.on('error', (error) => this.#fail(connectionLost(`failed: ${error.message}`, error)));
    stream.on('close', () => this.#fail(connectionLost('was closed by the daemon')));
    stream.on('end', () => this.#fail(connectionLost('was closed by the daemon')));
  }

  call<T>(request: Request<T>, options?: CallOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      if (options?.signal?.aborted) return reject(cancelled(options.signal));
      const serial = this.#nextSerial();
      const { program, procedure } = request;
      this.#outbox.send(
        { program, procedure, type: MessageType.Call, serial, status: MessageStatus.Ok },
        request.write,
        this.#pending.size === 0,
      );
      request.sent?.(serial);
      const accept = (reader: XdrReader): void => {
        const result = request.read(reader);
        request.accepted?.(result, serial);
        resolve(result);
      };
      const late = request.late && ((reader: XdrReader) => request.late?.(serial, reader));
      const expires = options?.deadline?.getTime() ?? (request.long ? Infinity : Date.now() + this.#callTimeout);
      this.#pending.add(serial, { procedure, expires, accept, reject, late }, options);
    });
  }

  startKeepAlive(options: KeepAliveOptions): void {
    const silent = `did not answer ${options.count} keep-alive requests`;
    this.#keepAlive = new KeepAlive(
      options,
      () => this.#sendKeepAlive(KEEP_ALIVE_PING, MessageType.Event),
      () => this.streams.paused,
      () => this.#fail(connectionLost(silent)),
    );
  }

  /** Ends the connection; what is still pending is rejected with a CANCELLED error. */
  close(): void {
    this.#finish(new LibvirtError('CANCELLED', 'Connection was closed by this program.'), undefined);
    this.#stream.destroy();
  }

  #fail(error: LibvirtError): void {
    this.#finish(error, error);
    this.#stream.destroy();
  }

  #finish(error: LibvirtError, reason: LibvirtError | undefined): void {
    if (this.#end) return;
    this.#end = error;
    this.#keepAlive?.stop();
    this.#pending.failAll(error);
    this.streams.failAll(error);
    this.events.failAll(error);
    this.#resolveClosed(reason);
  }

  #receive(chunk: Buffer): void {
    if (this.#end) return;
    this.#keepAlive?.heard();
    try {
      this.#frames.push(chunk, (frame) => this.#dispatch(parseMessage(frame)));
    } catch (error) {
      this.#fail(error instanceof LibvirtError ? error : violation('could not be read', error));
    }
  }

  #dispatch(message: Message): void {
    if (message.program === KEEP_ALIVE_PROGRAM) return this.#onKeepAlive(message);
    if (message.type === MessageType.Reply) return this.#onReply(message);
    if (message.type === MessageType.Stream || message.type === MessageType.StreamHole)
      return this.streams.receive(message);
    // A program or event that this version does not know: a newer daemon may send it.
    if (message.type === MessageType.Event) return this.events.deliver(message);
    throw violation(`has the unknown type ${message.type}`);
  }

  #onReply(message: Message): void {
    const call = this.#pending.take(message.serial);
    if (!call) return this.#onLateReply(message);
    const reader = new XdrReader(message.body);
    if (message.status === MessageStatus.Error) return call.reject(readError(reader, call.reject));
    try {
      call.accept(reader);
    } catch (error) {
      const cause = error instanceof LibvirtError ? error : violation('could not be read', error);
      call.reject(cause);
      throw cause;
    }
  }

  #onLateReply(message: Message): void {
    const late = this.#pending.takeAbandoned(message.serial);
    if (!late) throw violation(`replies to call ${message.serial}, which was never made`);
    if (message.status === MessageStatus.Ok) late(new XdrReader(message.body));
  }

  #onKeepAlive(message: Message): void {
    if (message.procedure === KEEP_ALIVE_PING) this.#sendKeepAlive(KEEP_ALIVE_PONG, MessageType.Event);
  }

  #sendKeepAlive(procedure: number, type: number): void {
    if (this.#end) return;
    const header = { program: KEEP_ALIVE_PROGRAM, procedure, type, serial: 0, status: MessageStatus.Ok };
    this.#outbox.send(header, () => undefined);
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffffffff ? 1 : this.#serial + 1;
    return this.#serial;
  }
}

function readError(reader: XdrReader, reject: (error: LibvirtError) => void): LibvirtError {
  try {
    return readLibvirtError(reader);
  } catch (error) {
    if (error instanceof LibvirtError) reject(error);
    throw error;
  }
}

function connectionLost(how: string, cause?: unknown): LibvirtError {
  return new LibvirtError('CONNECTION_LOST', `Connection to the libvirt daemon ${how}. Open a new one.`, { cause });
}

function violation(what: string, cause?: unknown): LibvirtError {
  return new LibvirtError('PROTOCOL_VIOLATION', `Message from the daemon ${what}.`, { cause });
}
