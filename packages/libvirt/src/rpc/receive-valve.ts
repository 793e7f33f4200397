import type { Duplex } from 'node:stream';

/** Stops reading from the transport as long as anybody has a reason to. */
export class ReceiveValve {
  readonly #transport: Duplex;
  readonly #reasons = new Set<unknown>();

  constructor(transport: Duplex) {
    this.#transport = transport;
  }

  /** Stops reading for `reason`; giving it again changes nothing. */
  hold(reason: unknown): void {
    this.#reasons.add(reason);
    if (this.#reasons.size === 1) this.#transport.pause();
  }

  /** Reading goes on when this was the last reason. */
  release(reason: unknown): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#transport.resume();
  }
}
