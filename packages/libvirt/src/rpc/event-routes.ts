import type { LibvirtError } from '../libvirt-error.js';
import { XdrReader } from '../xdr/reader.js';
import type { Message } from './message.js';

/** Receives one event's body, or learns that no more will come. */
export interface EventSink {
  deliver(reader: XdrReader): void;
  fail(error: LibvirtError): void;
}

interface HeldEvent {
  readonly key: string;
  readonly body: Buffer;
}

/** Early events that are kept for registrations still waiting for their answer, and their bytes. */
const HELD_MAX = 1024;
const HELD_BYTES_MAX = 1 << 20;

/** Every event message starts with the id of the registration that asked for it. */
export class EventRoutes {
  readonly #sinks = new Map<string, EventSink>();
  #expected = 0;
  #held: HeldEvent[] = [];
  #heldBytes = 0;

  /**
   * Announces a registration, until the returned function is called.
   * QUIRK: the daemon sends events and replies from different threads, so that an event may arrive before the reply
   * that names its registration; it is held back until then.
   */
  expect(): () => void {
    this.#expected++;
    return () => {
      if (--this.#expected === 0) this.#keep([]);
    };
  }

  add(program: number, procedure: number, callbackId: number, sink: EventSink): void {
    const key = `${program}:${procedure}:${callbackId}`;
    this.#sinks.set(key, sink);
    for (const event of this.#held) if (event.key === key) sink.deliver(new XdrReader(event.body));
    this.#keep(this.#held.filter((event) => event.key !== key));
  }

  remove(program: number, procedure: number, callbackId: number): void {
    this.#sinks.delete(`${program}:${procedure}:${callbackId}`);
  }

  /** Events nobody asked for, or no longer asks for, are dropped: their registration may just be ending. */
  deliver(message: Message): void {
    if (message.body.length < 4) return;
    const key = `${message.program}:${message.procedure}:${message.body.readInt32BE(0)}`;
    const sink = this.#sinks.get(key);
    if (sink) sink.deliver(new XdrReader(message.body));
    else if (this.#expected > 0) this.#hold(key, message.body);
  }

  failAll(error: LibvirtError): void {
    const sinks = new Set(this.#sinks.values());
    this.#sinks.clear();
    this.#keep([]);
    for (const sink of sinks) sink.fail(error);
  }

  #hold(key: string, body: Buffer): void {
    if (this.#held.length >= HELD_MAX || this.#heldBytes + body.length > HELD_BYTES_MAX) return;
    this.#held.push({ key, body: Buffer.from(body) });
    this.#heldBytes += body.length;
  }

  #keep(held: HeldEvent[]): void {
    this.#held = held;
    this.#heldBytes = held.reduce((sum, { body }) => sum + body.length, 0);
  }
}
