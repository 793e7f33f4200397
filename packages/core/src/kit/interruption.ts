import type { StateAfter } from '../errors/codes.js';
import { DriverError, isDriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';

/** What a call that is cut short says about itself. */
export interface Interruption {
  /** Subject of the error's sentence, for example `Starting machine "web"`. Default: `The call`. */
  readonly what?: string;
  /** Id of the thing that the call is about. */
  readonly subject?: string;
  /** What is known about the remote state at that moment; a function is asked when it happens. */
  readonly stateAfter?: StateAfter | (() => StateAfter);
}

const ADVICE: Readonly<Record<StateAfter, string>> = {
  unchanged: 'Nothing was changed; it may be called again.',
  partial: 'It was done in part; look at what is there before calling it again.',
  unknown: 'Whether it took effect is unknown; look at the state before calling it again.',
};

function interrupted(
  code: 'CALL.CANCELLED' | 'CALL.DEADLINE_EXCEEDED',
  about: Interruption,
  cause: unknown,
): DriverError {
  const { what = 'The call', subject, stateAfter: known = 'unknown' } = about;
  const stateAfter = typeof known === 'function' ? known() : known;
  const happened = code === 'CALL.CANCELLED' ? 'was cancelled' : 'did not end before its deadline';
  const message = `${what} ${happened}. ${ADVICE[stateAfter]}`;
  return new DriverError(code, message, { stateAfter, cause, ...(subject === undefined ? {} : { subject }) });
}

/** The error of a call that its caller cancelled. */
export const cancelledError = (about: Interruption = {}, cause?: unknown): DriverError =>
  interrupted('CALL.CANCELLED', about, cause);

/** The error of a call whose deadline has passed. */
export const deadlineError = (about: Interruption = {}, cause?: unknown): DriverError =>
  interrupted('CALL.DEADLINE_EXCEEDED', about, cause);

/** The error that an aborted signal stands for: a signal that a deadline aborted gives a deadline error. */
export function abortError(signal: AbortSignal, about: Interruption = {}): DriverError {
  const reason: unknown = signal.reason;
  const timedOut =
    isDriverError(reason, 'CALL.DEADLINE_EXCEEDED') ||
    // What AbortSignal.timeout() gives.
    (typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError');
  return timedOut ? deadlineError(about, reason) : cancelledError(about, reason);
}

/**
 * Throws when the caller has given up already: `CALL.CANCELLED` or `CALL.DEADLINE_EXCEEDED`, `stateAfter` being
 * `unchanged` unless `about` says otherwise; `REQUEST.INVALID` when the deadline is not a date.
 */
export function throwIfAborted(options: CallOptions = {}, about: Interruption = {}): void {
  const { signal, deadline } = options;
  const before: Interruption = { stateAfter: 'unchanged', ...about };
  if (deadline !== undefined && Number.isNaN(deadline.getTime())) {
    throw new DriverError(
      'REQUEST.INVALID',
      'Deadline is not a valid date; pass a Date such as deadlineIn({ seconds: 30 }).',
    );
  }
  if (signal?.aborted) throw abortError(signal, before);
  if (deadline !== undefined && deadline.getTime() <= Date.now()) throw deadlineError(before);
}
