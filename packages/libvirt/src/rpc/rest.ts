import type { ReceiveValve } from './receive-valve.js';

/** With so many calls in flight a daemon has enough to do while we do not look. */
const PENDING_MIN = 32;
/** A larger chunk means that the socket fills faster than it is emptied. */
const CHUNK_MAX = 64 * 1024;
const MILLISECONDS = 0.3;

/**
 * Lets the replies to many small calls gather for a moment. A daemon sends each by itself, and waking up for every one
 * of them costs this process twice the time. The event loop keeps turning meanwhile: a process that sleeps lets its
 * processor sleep too, and the daemon's threads, which wake each other for every call, then wait for processors.
 */
export class Rest {
  readonly #valve: ReceiveValve;
  #turn: NodeJS.Immediate | undefined;
  #until = 0;

  constructor(valve: ReceiveValve) {
    this.#valve = valve;
  }

  /** Called after each chunk. */
  consider(pending: number, chunkBytes: number): void {
    if (this.#turn || pending < PENDING_MIN || chunkBytes > CHUNK_MAX) return;
    this.#until = performance.now() + MILLISECONDS;
    this.#valve.hold(this);
    this.#turn = setImmediate(this.#again);
  }

  end(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#valve.release(this);
  }

  readonly #again = (): void => {
    if (performance.now() < this.#until) this.#turn = setImmediate(this.#again);
    else this.end();
  };
}
