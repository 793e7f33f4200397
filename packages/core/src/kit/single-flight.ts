import type { CallOptions } from '../values/call.js';
import { abortable } from './deadline.js';
import { cancelledError, throwIfAborted } from './interruption.js';

/** Lets callers who want the same thing at the same time share one piece of work. */
export interface SingleFlight<Key, T> {
  /**
   * The result of the work that is under way for that key, or of `work`, started now. A caller who gives up stops
   * waiting; the work's signal aborts when all have. Nothing is kept after it settled.
   */
  run(key: Key, options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Flight<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiters: number;
}

/** Makes a place where equal work is done once. */
export function createSingleFlight<Key, T>(): SingleFlight<Key, T> {
  const flights = new Map<Key, Flight<T>>();

  const start = (key: Key, work: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const run = async (): Promise<T> => work(controller.signal);
    const flight: Flight<T> = { controller, result: run(), waiters: 0 };
    flights.set(key, flight);
    const land = (): void => forget(key, flight);
    flight.result.then(land, land);
    return flight;
  };

  const forget = (key: Key, flight: Flight<T>): void => {
    if (flights.get(key) === flight) flights.delete(key);
  };

  return {
    async run(key, options, work) {
      throwIfAborted(options);
      const flight = flights.get(key) ?? start(key, work);
      flight.waiters += 1;
      try {
        return await abortable(flight.result, options);
      } finally {
        flight.waiters -= 1;
        if (flight.waiters === 0 && flights.get(key) === flight) {
          forget(key, flight);
          flight.controller.abort(cancelledError({ what: `The shared work for ${String(key)}` }));
        }
      }
    },
  };
}
