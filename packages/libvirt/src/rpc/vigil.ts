import { availableParallelism } from 'node:os';

/** A daemon of this machine that is awake answers a short call well within this. */
const WATCH_MILLISECONDS = 0.15;
/** Of the time that passes, so much may go into watching: a tenth of a processor, whatever a program calls. */
const SHARE = 0.1;
/** What may be spent at once, and is saved before: nearly a hundred short calls that follow each other. */
const SAVED_MILLISECONDS = 4;
/** Where the reply comes later, as over a network, only one call of so many is watched, in case that changes. */
const SKIPPED_MAX = 63;

/**
 * Keeps the event loop turning for a moment after a call has left. Most of a short call's time goes into waking up: the
 * daemon's threads, and us for the reply. A process that is awake has the reply at once, and its processor is no place to
 * which the daemon's threads are spread while they hand the call to each other.
 */
export class Vigil {
  readonly #helps: boolean;
  #turn: NodeJS.Immediate | undefined;
  #watches = false;
  #saves = false;
  #began = 0;
  #saved = SAVED_MILLISECONDS;
  #savedAt = 0;
  #skip = 0;
  #missed = 0;

  /** On one processor it would take from the daemon what that needs to answer. */
  constructor(processors: number = availableParallelism()) {
    this.#helps = processors > 1;
  }

  /** A call has left. */
  begin(): void {
    if (!this.#helps) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    const now = performance.now();
    this.#saved = Math.min(SAVED_MILLISECONDS, this.#saved + (now - this.#savedAt) * SHARE);
    this.#savedAt = now;
    // Then all of it at once: it takes the daemon's threads some calls to come together.
    if (this.#saves && this.#saved < SAVED_MILLISECONDS) return;
    this.#saves = this.#saved < WATCH_MILLISECONDS;
    if (this.#saves) return;
    this.#began = now;
    this.#watches = true;
    this.#turn ??= setImmediate(this.#again);
  }

  /** Something has come. */
  heard(): void {
    if (!this.#watches) return;
    this.#watches = false;
    this.#missed = 0;
    this.#saved -= performance.now() - this.#began;
  }

  end(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#watches = false;
  }

  readonly #again = (): void => {
    const spent = performance.now() - this.#began;
    if (this.#watches && spent < WATCH_MILLISECONDS) {
      this.#turn = setImmediate(this.#again);
      return;
    }
    this.#turn = undefined;
    if (this.#watches) this.#giveUp(spent);
  };

  #giveUp(spent: number): void {
    this.#watches = false;
    this.#saved -= spent;
    this.#skip = this.#missed;
    this.#missed = Math.min(2 * this.#missed + 1, SKIPPED_MAX);
  }
}
