import { abortError } from './interruption.js';

/** How a queue behaves. */
export interface EventQueueOptions<Event> {
  /** How many events may wait for the consumer. At least 1. */
  readonly capacity: number;
  /** The event that stands for `dropped` lost ones, for example a `resync`. Nothing is ever lost without it. */
  gap(dropped: number): Event;
  /** Ends the iteration with `CALL.CANCELLED`. */
  readonly signal?: AbortSignal;
  /** Called exactly once, however the queue ends: the producer lets go of its source here. */
  onClose?(): void;
}

/** A bounded queue between a source that pushes and one consumer that iterates. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  /**
   * Adds an event. When the queue is full, all that wait are dropped and a gap takes their place, because a consumer
   * that has to look at everything anew needs none of them. Returns false when the queue has ended.
   */
  push(event: Event): boolean;
  /** The consumer gets what waits, then the end. */
  end(): void;
  /** The consumer gets what waits, then the error. */
  fail(error: unknown): void;
  /** May be called once: a second consumer would steal events from the first. */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined, undefined>;
}

type Settle<Event> = (result: IteratorResult<Event, undefined> | Promise<never>) => void;

/** Makes an empty queue. */
export function createEventQueue<Event>(options: EventQueueOptions<Event>): EventQueue<Event> {
  const { capacity, signal } = options;
  if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`Capacity must be at least 1; got ${capacity}.`);
  let waiting: Event[] = [];
  let dropped = 0;
  const readers: Settle<Event>[] = [];
  let ending: { readonly error?: unknown } | undefined;
  let taken = false;

  const finish = (how: { readonly error?: unknown }): void => {
    if (ending) return;
    ending = how;
    signal?.removeEventListener('abort', onAbort);
    while (readers.length > 0) readers.shift()?.(last());
    options.onClose?.();
  };

  const discard = (): void => {
    waiting = [];
    dropped = 0;
  };

  // The error is told once; after it, iterating just ends, as the protocol of iterators has it.
  const last = (): IteratorResult<Event, undefined> | Promise<never> => {
    const failure = ending;
    ending = {};
    return failure && 'error' in failure ? Promise.reject(failure.error) : { done: true, value: undefined };
  };

  const onAbort = (): void => {
    discard();
    if (signal) finish({ error: abortError(signal, { what: 'Watching events', stateAfter: 'unchanged' }) });
  };

  const take = (): Event | undefined => {
    if (dropped === 0) return waiting.shift();
    const gap = options.gap(dropped);
    dropped = 0;
    return gap;
  };

  const iterator: AsyncIterator<Event, undefined, undefined> = {
    async next() {
      if (dropped > 0 || waiting.length > 0) {
        // One of the two holds an event, so this is one even where `Event` includes undefined.
        return { done: false, value: take() as Event };
      }
      if (ending) return last();
      return new Promise((resolve) => readers.push(resolve));
    },
    async return() {
      discard();
      finish({});
      return { done: true, value: undefined };
    },
  };

  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);

  return {
    push(event) {
      if (ending) return false;
      const reader = readers.shift();
      if (reader) reader({ done: false, value: event });
      else {
        if (waiting.length >= capacity) {
          dropped += waiting.length;
          waiting = [];
        }
        waiting.push(event);
      }
      return true;
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]() {
      if (taken) throw new Error('Event queue has a consumer already; make one queue for each.');
      taken = true;
      return iterator;
    },
  };
}
