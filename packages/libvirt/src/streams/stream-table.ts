import type { LibvirtError } from '../libvirt-error.js';
import { MessageStatus, MessageType } from '../rpc/message.js';
import type { Message } from '../rpc/message.js';
import type { Outbox } from '../rpc/outbox.js';
import type { ReceiveValve } from '../rpc/receive-valve.js';
import { readLibvirtError } from '../rpc/remote-error.js';
import { XdrReader } from '../xdr/reader.js';

/** Where one stream's packets go. */
export interface StreamSink {
  /** A packet of data; empty at the daemon's end of data. Only valid until it returns. */
  data(chunk: Buffer): void;
  hole(length: bigint): void;
  /** The daemon has taken everything and confirmed the end. */
  finished(): void;
  failed(error: LibvirtError): void;
}

/** Names one stream on the wire: the call that opened it. */
export interface StreamId {
  readonly program: number;
  readonly procedure: number;
  readonly serial: number;
}

/** The open streams of one connection. */
export class StreamTable {
  readonly #sinks = new Map<number, StreamSink>();
  readonly #full = new Set<number>();
  readonly #outbox: Outbox;
  readonly #valve: ReceiveValve;

  constructor(outbox: Outbox, valve: ReceiveValve) {
    this.#outbox = outbox;
    this.#valve = valve;
  }

  open(id: StreamId, sink: StreamSink): void {
    this.#sinks.set(id.serial, sink);
  }

  sendData(id: StreamId, payload: Buffer, sent: (error?: Error | null) => void): void {
    this.#outbox.sendPayload({ ...id, type: MessageType.Stream, status: MessageStatus.Continue }, payload, sent);
  }

  sendHole(id: StreamId, length: bigint): void {
    this.#outbox.send({ ...id, type: MessageType.StreamHole, status: MessageStatus.Continue }, (writer) => {
      writer.writeInt64(length);
      writer.writeUInt32(0);
    });
  }

  /** Tells the daemon that all data was sent or read; it confirms with `finished`. */
  sendFinish(id: StreamId): void {
    this.#outbox.send({ ...id, type: MessageType.Stream, status: MessageStatus.Ok }, () => undefined);
  }

  /** Gives the stream up; packets that are on the way are dropped. */
  abort(id: StreamId): void {
    if (!this.#sinks.has(id.serial)) return;
    this.#forget(id.serial);
    this.sendAbort(id);
  }

  close(id: StreamId): void {
    this.#forget(id.serial);
  }

  sendAbort(id: StreamId): void {
    this.#outbox.send({ ...id, type: MessageType.Stream, status: MessageStatus.Error }, () => undefined);
  }

  /**
   * The protocol has no window per stream: a reader that is full stops the whole connection,
   * so that a daemon which sends faster than we read cannot fill our memory.
   */
  setFull(id: StreamId, full: boolean): void {
    if (full && this.#sinks.has(id.serial)) this.#full.add(id.serial);
    else this.#full.delete(id.serial);
    this.#regulate();
  }

  get paused(): boolean {
    return this.#full.size > 0;
  }

  receive(message: Message): void {
    const sink = this.#sinks.get(message.serial);
    // A stream that we have just given up.
    if (!sink) return;
    if (message.status === MessageStatus.Error) return this.#fail(message, sink);
    if (message.type === MessageType.StreamHole) return sink.hole(new XdrReader(message.body).readInt64());
    if (message.status === MessageStatus.Continue) return sink.data(message.body);
    this.#forget(message.serial);
    sink.finished();
  }

  failAll(error: LibvirtError): void {
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    this.#full.clear();
    for (const sink of sinks) sink.failed(error);
  }

  #fail(message: Message, sink: StreamSink): void {
    this.#forget(message.serial);
    sink.failed(readLibvirtError(new XdrReader(message.body)));
  }

  #forget(serial: number): void {
    this.#sinks.delete(serial);
    this.#full.delete(serial);
    this.#regulate();
  }

  #regulate(): void {
    if (this.paused) this.#valve.hold(this);
    else this.#valve.release(this);
  }
}
