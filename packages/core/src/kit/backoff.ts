import { inMilliseconds, type Duration } from './duration.js';

/** How waiting times grow. */
export interface BackoffOptions {
  /** First waiting time. Default: 50 ms. */
  readonly initial?: Duration;
  /** Each waiting time is so many times the one before. Default: 2. */
  readonly factor?: number;
  /** No waiting time is longer. Default: 2 seconds. */
  readonly cap?: Duration;
  /** Random share of each waiting time, from 0 to 1, so that many callers do not come back together. Default: 0.5. */
  readonly jitter?: number;
  /** Makes the sequence repeatable. Default: a random one. */
  readonly seed?: number;
}

/** A sequence of waiting times. */
export interface Backoff {
  /** The next waiting time. */
  next(): { readonly milliseconds: number };
  /** Starts again from the first waiting time. */
  reset(): void;
}

/** Makes waiting times that grow exponentially up to a cap, each shortened by a random part. */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { initial = { milliseconds: 50 }, factor = 2, cap = { seconds: 2 }, jitter = 0.5, seed } = options;
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`Jitter must be from 0 to 1; got ${jitter}.`);
  if (!(factor >= 1)) throw new RangeError(`Factor must be at least 1; got ${factor}.`);
  const random = seed === undefined ? Math.random : seededRandom(seed);
  const highest = inMilliseconds(cap);
  let current = inMilliseconds(initial);
  return {
    next() {
      const whole = Math.min(current, highest);
      current *= factor;
      return { milliseconds: whole * (1 - jitter * random()) };
    },
    reset() {
      current = inMilliseconds(initial);
    },
  };
}

/** Repeatable numbers from 0 to 1: the generator mulberry32, small and even enough for waiting times. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
