import type { CallOptions } from '../values/call.js';
import { abortable } from './deadline.js';
import { throwIfAborted } from './interruption.js';

/** Lets one caller at a time work on each key, in the order in which they came. */
export interface KeyedMutex<Key> {
  /**
   * Runs `work` when everybody who came earlier for that key has finished. Rejects, without having run it, when the
   * caller gives up while waiting. Not reentrant: asking for a key inside its own `work` waits for ever.
   */
  run<T>(key: Key, options: CallOptions, work: () => Promise<T>): Promise<T>;
  /** True while somebody works on the key. */
  isHeld(key: Key): boolean;
}

/** Makes a mutex per key; keys that nobody uses take no memory. */
export function createKeyedMutex<Key>(): KeyedMutex<Key> {
  const tails = new Map<Key, Promise<void>>();

  return {
    isHeld: (key) => tails.has(key),
    async run(key, options, work) {
      throwIfAborted(options);
      const before = tails.get(key);
      let release = (): void => undefined;
      const mine = new Promise<void>((resolve) => (release = resolve));
      // Who comes next waits for everybody before, also when this caller gives up waiting.
      const tail = before ? Promise.all([before, mine]).then(() => undefined) : mine;
      tails.set(key, tail);
      const forget = (): void => {
        if (tails.get(key) === tail) tails.delete(key);
      };
      let onTurn = false;
      try {
        if (before) await abortable(before, options, { what: `Waiting for ${String(key)}`, stateAfter: 'unchanged' });
        onTurn = true;
        return await work();
      } finally {
        release();
        if (onTurn) forget();
        else void tail.then(forget);
      }
    },
  };
}
