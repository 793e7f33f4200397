import type { CallOptions } from '../values/call.js';
import { abortable } from './deadline.js';

/** A value that changes, followed by any number of readers who only care for the newest one. */
export interface Latest<T> {
  /** The newest value; undefined before the first. */
  readonly value: T | undefined;
  publish(value: T): void;
  /** There will be no more values. Publishing after it changes nothing. */
  end(): void;
  /**
   * Yields the newest value, then each newer one, skipping those that were replaced before this reader came back for
   * more; ends after the last one. Rejects when `options` end the waiting.
   */
  follow(options?: CallOptions): AsyncGenerator<T, void, undefined>;
}

/** Makes a value to follow. Readers hold no buffer, so a slow or forgotten one costs nothing. */
export function createLatest<T>(): Latest<T> {
  let newest: { readonly value: T; readonly version: number } | undefined;
  let ended = false;
  let wake: () => void = () => undefined;
  let changed = nextChange();

  function nextChange(): Promise<void> {
    return new Promise((resolve) => (wake = resolve));
  }

  function tellReaders(): void {
    const wakeThem = wake;
    changed = nextChange();
    wakeThem();
  }

  async function* follow(options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
    let seen = 0;
    for (;;) {
      if (newest && newest.version > seen) {
        seen = newest.version;
        yield newest.value;
      } else if (ended) {
        return;
      } else {
        await abortable(changed, options, { what: 'Following the progress', stateAfter: 'unchanged' });
      }
    }
  }

  return {
    get value() {
      return newest?.value;
    },
    publish(value) {
      if (ended) return;
      newest = { value, version: (newest?.version ?? 0) + 1 };
      tellReaders();
    },
    end() {
      if (ended) return;
      ended = true;
      tellReaders();
    },
    follow,
  };
}
