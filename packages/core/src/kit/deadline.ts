import type { CallOptions } from '../values/call.js';
import { inMilliseconds, type Duration } from './duration.js';
import { abortError, deadlineError, throwIfAborted, type Interruption } from './interruption.js';
import { onAbort } from './on-abort.js';
import { startTimer } from './timer.js';

/** Options of a call that certainly ends: a signal that fires at the deadline or earlier, and that deadline. */
export interface BoundedCall extends CallOptions {
  readonly signal: AbortSignal;
  readonly deadline: Date;
}

/** The moment that lies so far ahead. */
export const deadlineIn = (duration: Duration): Date => new Date(Date.now() + inMilliseconds(duration));

/** Milliseconds until the deadline: 0 when it has passed, `Infinity` without one. */
export const remaining = (deadline: Date | undefined): number =>
  deadline === undefined ? Infinity : Math.max(0, deadline.getTime() - Date.now());

/**
 * Calls `interrupt` at most once, when the signal aborts or the deadline passes, with the error that says so.
 * Returns the function that removes listener and timer. Neither must have happened yet: see `throwIfAborted`.
 */
export function onInterrupt(options: CallOptions, about: Interruption, interrupt: (error: Error) => void): () => void {
  const { signal, deadline } = options;
  const settle = (error: Error): void => {
    stop();
    interrupt(error);
  };
  const stopListening = signal && onAbort(signal, () => settle(abortError(signal, about)));
  const stopTimer = deadline && startTimer(deadline, () => settle(deadlineError(about)));
  const stop = (): void => {
    stopTimer?.();
    stopListening?.();
  };
  return stop;
}

/**
 * Runs `run` under the caller's signal and deadline, or under `fallback` when the caller gave no deadline.
 * `run` gets one signal that stands for both. When it fires, `run` has until the next turn of the event loop to settle
 * by itself (it may know better what was changed, or be done); then the call rejects with `CALL.CANCELLED` or
 * `CALL.DEADLINE_EXCEEDED` and what `run` does later is ignored. Rejects without calling `run` when it is too late
 * already, with `stateAfter: 'unchanged'`.
 */
export async function withDeadline<T>(
  options: CallOptions,
  fallback: Duration,
  run: (options: BoundedCall) => Promise<T>,
  about: Interruption = {},
): Promise<T> {
  throwIfAborted(options, { ...about, stateAfter: 'unchanged' });
  const deadline = options.deadline ?? deadlineIn(fallback);
  const controller = new AbortController();
  let stop = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = onInterrupt({ ...options, deadline }, about, (error) => {
      controller.abort(error);
      setImmediate(() => reject(error));
    });
  });
  try {
    return await Promise.race([run({ signal: controller.signal, deadline }), interrupted]);
  } catch (error) {
    throw controller.signal.aborted && isPlainAbort(error) ? controller.signal.reason : error;
  } finally {
    stop();
  }
}

/** True for the errors that platform functions make of an aborted signal on their own. */
export const isPlainAbort = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';

/**
 * Waits for a promise that cannot be cancelled itself, until the signal aborts or the deadline passes. The work behind
 * it goes on; its late rejection is not reported as unhandled.
 */
export async function abortable<T>(
  promise: Promise<T>,
  options: CallOptions = {},
  about: Interruption = {},
): Promise<T> {
  // Whoever stops waiting must not leave an unhandled rejection behind.
  promise.catch(() => undefined);
  throwIfAborted(options, about);
  if (!options.signal && !options.deadline) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = onInterrupt(options, about, reject);
    promise.then(resolve, reject).finally(stop);
  });
}
