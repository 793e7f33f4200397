import type { ReceiveValve } from './receive-valve.js';

/** With so many calls in flight a daemon has enough to do while we do not look. */
const PENDING_MIN = 32;
/** A larger chunk means that the socket fills faster than it is emptied. */
const CHUNK_MAX = 64 * 1024;
const MILLISECONDS = 1;

/**
 * Lets the replies to many small calls gather for a millisecond. A daemon sends each by itself, and waking up for every
 * one of them costs this process twice the time and takes a processor from the daemon.
 */
export class Rest {
  readonly #valve: ReceiveValve;
  #timer: NodeJS.Timeout | undefined;

  constructor(valve: ReceiveValve) {
    this.#valve = valve;
  }

  /** Called after each chunk. */
  consider(pending: number, chunkBytes: number): void {
    if (this.#timer || pending < PENDING_MIN || chunkBytes > CHUNK_MAX) return;
    this.#valve.hold(this);
    this.#timer = setTimeout(() => this.end(), MILLISECONDS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#valve.release(this);
  }
}
