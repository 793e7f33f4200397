import type { Duplex } from 'node:stream';
import { XdrWriter } from '../xdr/writer.js';
import { finishMessage, startMessage } from './message.js';
import type { MessageHeader } from './message.js';

/** Sends messages in order; those of one turn of the event loop leave in one write. */
export class Outbox {
  readonly #transport: Duplex;
  readonly #writer = new XdrWriter();
  #scheduled = false;

  constructor(transport: Duplex) {
    this.#transport = transport;
  }

  /**
   * Encodes one message; when `write` throws, nothing of it is sent. `now` is for a message that nothing else is likely
   * to follow in this turn: it leaves without waiting for the turn's end.
   */
  send(header: Omit<MessageHeader, 'version'>, write: (writer: XdrWriter) => void, now = false): void {
    const start = startMessage(this.#writer, header);
    try {
      write(this.#writer);
    } catch (error) {
      this.#writer.truncate(start);
      throw error;
    }
    finishMessage(this.#writer, start);
    if (now) this.flush();
    else this.#schedule();
  }

  /** Sends a message whose body is `payload`, uncopied; `sent` runs when the transport has taken it. */
  sendPayload(header: Omit<MessageHeader, 'version'>, payload: Buffer, sent: (error?: Error | null) => void): void {
    const start = startMessage(this.#writer, header);
    finishMessage(this.#writer, start, payload.length);
    this.#transport.cork();
    this.flush();
    this.#transport.write(payload, sent);
    this.#transport.uncork();
  }

  flush(): void {
    if (this.#writer.length > 0 && !this.#transport.destroyed) this.#transport.write(this.#writer.take());
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Ticks run after the promises of this turn: all calls made by continuations of one read are in the same write.
    process.nextTick(() => {
      this.#scheduled = false;
      this.flush();
    });
  }
}
