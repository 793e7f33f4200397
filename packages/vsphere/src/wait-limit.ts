import type { CallOptions } from './call-options.js';
import { VsphereError } from './errors/vsphere-error.js';

/** A timer cannot wait longer. */
const LONGEST = 2 ** 31 - 1;

/**
 * Runs work under one signal that fires at the caller's abort, at the deadline, or `timeout` milliseconds from now when
 * there is no deadline; its reason is the error that the caller gets. The timer ends with the work.
 */
export async function withLimit<T>(
  what: string,
  options: CallOptions,
  timeout: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = startLimit(what, options, timeout);
  try {
    limit.signal.throwIfAborted();
    return await work(limit.signal);
  } finally {
    limit.end();
  }
}

export interface WaitLimit {
  readonly signal: AbortSignal;
  /** Ends the timer. */
  end(): void;
}

/** As `withLimit`, for work whose end is not that of one promise. Its owner calls `end`. */
export function startLimit(what: string, options: CallOptions, timeout: number): WaitLimit {
  const controller = new AbortController();
  const cancel = () =>
    controller.abort(
      new VsphereError('CANCELLED', `${what} was cancelled.`, { sent: true, cause: options.signal?.reason }),
    );
  const expire = () =>
    controller.abort(new VsphereError('DEADLINE_EXCEEDED', `${what} did not end in time.`, { sent: true }));
  const left = options.deadline === undefined ? timeout : options.deadline.getTime() - Date.now();
  const timer =
    left === Number.POSITIVE_INFINITY ? undefined : setTimeout(expire, Math.min(Math.max(left, 0), LONGEST));
  if (left <= 0) expire();
  if (options.signal?.aborted) cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
    },
  };
}

/** Waits; ends with the signal's reason when that fires first. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
