/** libvirt's keep-alive program: either side may ask, the other answers at once. */
export const KEEP_ALIVE_PROGRAM = 0x6b656570;
export const KEEP_ALIVE_PING = 1;
export const KEEP_ALIVE_PONG = 2;

export interface KeepAliveOptions {
  /** Milliseconds of silence before the daemon is asked. */
  readonly interval: number;
  /** Unanswered questions after which the connection counts as lost. */
  readonly count: number;
}

/** Asks when nothing was heard for an interval; calls `onDead` when `count` questions stay unanswered. */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #unanswered = 0;

  /** While `paused` nothing is read, so that silence proves nothing. */
  constructor(options: KeepAliveOptions, ping: () => void, paused: () => boolean, onDead: () => void) {
    this.#timer = setInterval(() => {
      if (this.#heard || paused()) this.#unanswered = 0;
      else if (++this.#unanswered > options.count) return onDead();
      else ping();
      this.#heard = false;
    }, options.interval);
    this.#timer.unref();
  }

  /** Any message proves that the daemon is alive. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
