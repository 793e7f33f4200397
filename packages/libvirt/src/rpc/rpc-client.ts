import type { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import { XdrReader } from '../xdr/reader.js';
import type { CallOptions } from './call-options.js';
import { EventRoutes } from './event-routes.js';
import { FrameReader } from './frame-reader.js';
import { KEEP_ALIVE_PING, KEEP_ALIVE_PONG, KEEP_ALIVE_PROGRAM, KeepAlive } from './keep-alive.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { HEADER_BYTES, MessageStatus, MessageType, parseMessage, PROTOCOL_VERSION } from './message.js';
import type { Message } from './message.js';
import { Outbox } from './outbox.js';
import { cancelled, PendingCalls, type PendingCall } from './pending-calls.js';
import { ReceiveValve } from './receive-valve.js';
import { readLibvirtError } from './remote-error.js';
import type { Request } from './request.js';
import { Rest } from './rest.js';
import { Vigil } from './vigil.js';
import { StreamTable } from '../streams/stream-table.js';
import type { Transport } from '../transport/transport.js';

/** Bytes waiting for the daemon to read them, above which it is not answered unasked. */
const UNREAD_MAX = 1 << 20;

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
  readonly #rest: Rest;
  readonly #vigil = new Vigil();
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
    const valve = new ReceiveValve(stream);
    this.#rest = new Rest(valve);
    this.streams = new StreamTable(this.#outbox, valve);
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
      this.#pending.add(serial, { program, procedure, expires, accept, reject, late }, options);
      if (this.#pending.size === 1) this.#vigil.begin();
    });
  }

  startKeepAlive(options: KeepAliveOptions): void {
    const silent = `did not answer ${options.count} keep-alive requests`;
    this.#keepAlive = new KeepAlive(options, {
      ping: () => this.#sendKeepAlive(KEEP_ALIVE_PING),
      pong: () => this.#answer(),
      paused: () => this.streams.paused,
      dead: () => this.#fail(connectionLost(silent)),
    });
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
    this.#rest.end();
    this.#vigil.end();
    this.#pending.failAll(error);
    this.streams.failAll(error);
    this.events.failAll(error);
    this.#resolveClosed(reason);
  }

  #receive(chunk: Buffer): void {
    if (this.#end) return;
    this.#keepAlive?.heard();
    this.#vigil.heard();
    try {
      this.#frames.push(chunk, this.#onFrame);
      this.#rest.consider(this.#pending.size, chunk.length);
    } catch (error) {
      this.#fail(error instanceof LibvirtError ? error : violation('could not be read', error));
    }
  }

  readonly #onFrame = (bytes: Buffer, start: number, end: number): void => {
    // Nearly all messages are replies: these are read where they lie.
    if (bytes.readUInt32BE(start + 12) === MessageType.Reply) this.#onReply(bytes, start, end);
    else this.#dispatch(parseMessage(bytes, start, end));
  };

  #dispatch(message: Message): void {
    if (message.version !== PROTOCOL_VERSION) throw violation(`has the unknown version ${message.version}`);
    if (message.program === KEEP_ALIVE_PROGRAM) return this.#onKeepAlive(message);
    if (message.type === MessageType.Stream || message.type === MessageType.StreamHole)
      return this.streams.receive(message);
    // A program or event that this version does not know: a newer daemon may send it.
    if (message.type === MessageType.Event) return this.events.deliver(message);
    throw violation(`has the unknown type ${message.type}`);
  }

  #onReply(bytes: Buffer, start: number, end: number): void {
    const serial = bytes.readUInt32BE(start + 16);
    const status = bytes.readUInt32BE(start + 20);
    const reader = new XdrReader(bytes, start + HEADER_BYTES, end);
    const call = this.#pending.take(serial);
    if (!call) return this.#onLateReply(serial, status, reader);
    try {
      checkReply(call, bytes, start);
      if (status === MessageStatus.Error) call.reject(readLibvirtError(reader));
      else if (status === MessageStatus.Ok) call.accept(reader);
      else throw violation(`is a reply with the unknown status ${status}`);
    } catch (error) {
      const cause = error instanceof LibvirtError ? error : violation('could not be read', error);
      call.reject(cause);
      throw cause;
    }
  }

  #onLateReply(serial: number, status: number, reader: XdrReader): void {
    const late = this.#pending.takeAbandoned(serial);
    if (!late) throw violation(`replies to call ${serial}, which was never made`);
    if (status === MessageStatus.Ok) late(reader);
  }

  #onKeepAlive(message: Message): void {
    if (message.procedure === KEEP_ALIVE_PING) this.#answer();
  }

  #answer(): void {
    // A daemon that asks without end and reads no answer gets none, or they would fill our memory.
    if (this.#stream.writableLength <= UNREAD_MAX) this.#sendKeepAlive(KEEP_ALIVE_PONG);
  }

  #sendKeepAlive(procedure: number): void {
    if (this.#end) return;
    const type = MessageType.Event;
    const header = { program: KEEP_ALIVE_PROGRAM, procedure, type, serial: 0, status: MessageStatus.Ok };
    this.#outbox.send(header, () => undefined);
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffffffff ? 1 : this.#serial + 1;
    return this.#serial;
  }
}

/** A reply that has our serial but belongs to another procedure would be read as what it is not. */
function checkReply(call: PendingCall, bytes: Buffer, start: number): void {
  const program = bytes.readUInt32BE(start);
  const version = bytes.readUInt32BE(start + 4);
  const procedure = bytes.readInt32BE(start + 8);
  if (program !== call.program || version !== PROTOCOL_VERSION || procedure !== call.procedure)
    throw violation(
      `answers call ${call.procedure} of ${call.program} as ${procedure} of ${program}, version ${version}`,
    );
}

function connectionLost(how: string, cause?: unknown): LibvirtError {
  return new LibvirtError('CONNECTION_LOST', `Connection to the libvirt daemon ${how}. Open a new one.`, { cause });
}

function violation(what: string, cause?: unknown): LibvirtError {
  return new LibvirtError('PROTOCOL_VIOLATION', `Message from the daemon ${what}.`, { cause });
}
