import { AssertionError } from 'node:assert';

/** A sequence that is read as it comes: everything seen so far, and waiting for what is still to come. */
export interface Tail<Item> {
  /** All items so far, oldest first. */
  readonly seen: readonly Item[];
  /** True once the source ended. */
  readonly ended: boolean;
  /** The next item that matches, starting after the last one that was returned; `what` names it in the failure. */
  next(what: string, matches: (item: Item) => boolean): Promise<Item>;
  /** Resolves when the source ended. */
  end(): Promise<void>;
  /** Stops reading and waits until the source let go. */
  close(): Promise<void>;
}

/** Where the items come from: `stop` must make the iteration end. */
export interface TailSource<Item> {
  readonly items: AsyncIterable<Item>;
  readonly signal: AbortSignal;
  /** Shows an item in failures. */
  show(item: Item): string;
  stop(): void | Promise<void>;
}

interface Pump<Item> {
  readonly seen: Item[];
  failure: unknown;
  ended: boolean;
  closing: boolean;
  wake: () => void;
  changed: Promise<void>;
}

function rearm(pump: { wake: () => void; changed: Promise<void> }): void {
  pump.changed = new Promise((resolve) => {
    pump.wake = resolve;
  });
}

async function read<Item>(pump: Pump<Item>, items: AsyncIterable<Item>): Promise<void> {
  try {
    for await (const item of items) {
      pump.seen.push(item);
      pump.wake();
      rearm(pump);
      if (pump.closing) break;
    }
  } catch (error) {
    if (!pump.closing) pump.failure = error;
  } finally {
    pump.ended = true;
    pump.wake();
  }
}

function aborted(signal: AbortSignal): { readonly happened: Promise<void>; forget(): void } {
  let forget = (): void => undefined;
  const happened = new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const listener = (): void => resolve();
    signal.addEventListener('abort', listener, { once: true });
    forget = () => signal.removeEventListener('abort', listener);
  });
  return { happened, forget: () => forget() };
}

/** Starts reading at once and keeps everything. */
export function tailOf<Item>(source: TailSource<Item>): Tail<Item> {
  const pump: Pump<Item> = {
    seen: [],
    failure: undefined,
    ended: false,
    closing: false,
    wake: () => undefined,
    changed: Promise.resolve(),
  };
  rearm(pump);
  const reading = read(pump, source.items);
  let position = 0;
  const shownTail = (): string => pump.seen.slice(-8).map(source.show).join(' | ') || 'nothing';

  const moreOrThrow = async (what: string): Promise<void> => {
    if (pump.failure !== undefined) throw pump.failure;
    if (pump.ended)
      throw new AssertionError({ message: `waited for ${what}, but the source ended; seen: ${shownTail()}` });
    const abort = aborted(source.signal);
    await Promise.race([pump.changed, abort.happened]).finally(abort.forget);
    if (source.signal.aborted)
      throw new AssertionError({ message: `waited in vain for ${what}; seen: ${shownTail()}` });
  };

  return {
    get seen() {
      return pump.seen;
    },
    get ended() {
      return pump.ended;
    },
    async next(what, matches) {
      for (;;) {
        while (position < pump.seen.length) {
          const item = pump.seen[position++] as Item;
          if (matches(item)) return item;
        }
        await moreOrThrow(what);
      }
    },
    async end() {
      while (!pump.ended) await moreOrThrow('the end');
      if (pump.failure !== undefined) throw pump.failure;
    },
    async close() {
      pump.closing = true;
      await source.stop();
      await reading;
    },
  };
}
