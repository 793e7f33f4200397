import { isDriverError } from '@virt-drivers/core';
import { abortError, startTimer } from '@virt-drivers/core/kit';

/** Where a world's time comes from. */
export interface Clock {
  now(): Date;
  /** Calls `fire` once when `at` has come; returns the function that takes it back. */
  schedule(at: Date, fire: () => void): () => void;
}

/** The time of day. */
export const systemClock: Clock = { now: () => new Date(), schedule: startTimer };

/** A clock that stands still until it is told to go on. For tests of what takes time. */
export interface ManualClock extends Clock {
  /** Goes on by so many milliseconds, firing what is due on the way, in order. */
  advance(milliseconds: number): void;
}

/** Makes a clock that starts at `start` and goes only by `advance`. */
export function createManualClock(start: Date = new Date(0)): ManualClock {
  let current = start.getTime();
  const alarms = new Set<{ readonly at: number; readonly fire: () => void }>();
  const nextDue = (until: number) => [...alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => new Date(current),
    schedule(at, fire) {
      const alarm = { at: at.getTime(), fire };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance(milliseconds) {
      const until = current + milliseconds;
      for (let due = nextDue(until); due; due = nextDue(until)) {
        alarms.delete(due);
        current = Math.max(current, due.at);
        due.fire();
      }
      current = until;
    },
  };
}

/** Resolves after so much of the clock's time, or rejects with the signal's reason. */
export const timeOn = (clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => {
      stop();
      // Whoever works by the clock stops between two steps, and nothing of the next is done yet.
      const isCancelled = isDriverError(signal.reason, 'CALL.CANCELLED');
      reject(isCancelled ? abortError(signal, { what: 'The work', stateAfter: 'unchanged' }) : signal.reason);
    };
    const stop = clock.schedule(new Date(clock.now().getTime() + milliseconds), () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
