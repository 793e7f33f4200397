import { onAbort } from './on-abort.js';

/** How a queue behaves. */
export interface EventQueueOptions<Event> {
  /** How many events may wait for the consumer. At least 1. */
  readonly capacity: number;
  /** The event that stands for `dropped` lost ones, of which `last` was the newest: for example a `resync`. */
  gap(dropped: number, last: Event): Event;
  /** Ends the iteration, without error and without what still waits. */
  readonly signal?: AbortSignal;
  /** Called exactly once, however the queue ends: the producer lets go of its source here. */
  onClose?(): void;
}

/** A bounded queue between a source that pushes and one consumer that iterates. */
export interface EventQueue<Event> {
  /** The consumer's end. Leaving its loop closes the queue. One iteration: two loops would steal from each other. */
  readonly events: AsyncIterableIterator<Event, undefined, undefined>;
  /**
   * Adds an event. When the queue is full, all that wait are dropped and one gap takes their place, because a consumer
   * that has to look at everything anew needs none of them. Returns false when the queue has ended.
   */
  push(event: Event): boolean;
  /** The consumer gets what waits, then the end. */
  end(): void;
  /** The consumer gets what waits, then the error. */
  fail(error: unknown): void;
}

type Turn<Event> = IteratorResult<Event, undefined>;

/** Makes an empty queue. Nothing is lost silently: what the consumer does not get is told by a gap. */
export function createEventQueue<Event>(options: EventQueueOptions<Event>): EventQueue<Event> {
  const { signal } = options;
  const waiting = createWaitingRoom(options);
  const readers: ((turn: Turn<Event> | Promise<never>) => void)[] = [];
  let stopListening: (() => void) | undefined;
  let ending: { readonly error?: unknown } | undefined;

  const close = (how: { readonly error?: unknown }): void => {
    if (ending) return;
    ending = how;
    stopListening?.();
    for (const reader of readers.splice(0)) reader(lastTurn());
    options.onClose?.();
  };

  // The error is told once; iterating after it just ends, as the protocol of iterators has it.
  const lastTurn = (): Turn<Event> | Promise<never> => {
    const failure = ending;
    ending = {};
    return failure && 'error' in failure ? Promise.reject(failure.error) : { done: true, value: undefined };
  };

  const leave = (): void => {
    waiting.clear();
    close({});
  };

  const events: AsyncIterableIterator<Event, undefined, undefined> = {
    async next() {
      const next = waiting.take();
      if (next) return { done: false, value: next.event };
      return ending ? lastTurn() : new Promise((resolve) => readers.push(resolve));
    },
    async return() {
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => events,
  };

  if (signal?.aborted) leave();
  else stopListening = signal && onAbort(signal, leave);

  return {
    events,
    push(event) {
      if (ending) return false;
      const reader = readers.shift();
      if (reader) reader({ done: false, value: event });
      else waiting.add(event);
      return true;
    },
    end: () => close({}),
    fail: (error) => close({ error }),
  };
}

interface WaitingRoom<Event> {
  add(event: Event): void;
  take(): { readonly event: Event } | undefined;
  clear(): void;
}

function createWaitingRoom<Event>({ capacity, gap }: EventQueueOptions<Event>): WaitingRoom<Event> {
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new RangeError(`Capacity must be at least 1; got ${capacity}.`);
  let events: { readonly event: Event }[] = [];
  let lost: { readonly count: number; readonly last: Event } | undefined;

  return {
    add(event) {
      const newest = events.at(-1);
      if (newest && events.length >= capacity) {
        lost = { count: (lost?.count ?? 0) + events.length, last: newest.event };
        events = [];
      }
      events.push({ event });
    },
    take() {
      if (lost) {
        const { count, last } = lost;
        lost = undefined;
        return { event: gap(count, last) };
      }
      return events.shift();
    },
    clear() {
      lost = undefined;
      events = [];
    },
  };
}
