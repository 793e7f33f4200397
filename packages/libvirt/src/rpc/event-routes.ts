import type { LibvirtError } from '../libvirt-error.js';
import { XdrReader } from '../xdr/reader.js';
import type { Message } from './message.js';

/** Receives one event's body, or learns that no more will come. */
export interface EventSink {
  deliver(reader: XdrReader): void;
  fail(error: LibvirtError): void;
}

/** Every event message starts with the id of the registration that asked for it. */
export class EventRoutes {
  readonly #sinks = new Map<string, EventSink>();

  add(program: number, procedure: number, callbackId: number, sink: EventSink): void {
    this.#sinks.set(`${program}:${procedure}:${callbackId}`, sink);
  }

  remove(program: number, procedure: number, callbackId: number): void {
    this.#sinks.delete(`${program}:${procedure}:${callbackId}`);
  }

  /** Events nobody asked for, or no longer asks for, are dropped: their registration may just be ending. */
  deliver(message: Message): void {
    if (message.body.length < 4) return;
    const callbackId = message.body.readInt32BE(0);
    this.#sinks.get(`${message.program}:${message.procedure}:${callbackId}`)?.deliver(new XdrReader(message.body));
  }

  failAll(error: LibvirtError): void {
    const sinks = new Set(this.#sinks.values());
    this.#sinks.clear();
    for (const sink of sinks) sink.fail(error);
  }
}
