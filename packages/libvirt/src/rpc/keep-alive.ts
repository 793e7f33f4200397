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

/** What a connection does to be known alive, and to know. */
export interface Signs {
  /** Asks the daemon. */
  ping(): void;
  /** Answers it, though it may not have asked. */
  pong(): void;
  /** True while nothing is read from the connection. */
  paused(): boolean;
  /** The daemon gave no answer to the last question. */
  dead(): void;
}

/** Asks when nothing was heard for an interval; ends the connection when `count` questions stay unanswered. */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout;
  #heard = true;
  #unanswered = 0;

  constructor(options: KeepAliveOptions, signs: Signs) {
    this.#timer = setInterval(() => {
      // Nothing is read now: silence proves nothing, and the daemon's questions lie unseen. It takes any message for an
      // answer, and without one takes us for dead. libvirt: src/rpc/virkeepalive.c, virKeepAliveCheckMessage
      const paused = signs.paused();
      if (paused) signs.pong();
      if (this.#heard || paused) this.#unanswered = 0;
      else if (++this.#unanswered > options.count) return signs.dead();
      else signs.ping();
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
