import { DriverError, isDriverError } from '../errors/driver-error.js';
import { amendError } from './amend-error.js';

/** An undo that failed: what it was to remove is still there. */
export interface UndoFailure {
  readonly name: string;
  readonly error: unknown;
}

/** How a rollback went. */
export interface UndoReport {
  /** What to throw: the original error, telling the state after the rollback. */
  readonly error: unknown;
  /** Names of what was undone, in the order in which it was. */
  readonly undone: readonly string[];
  /** What could not be undone. */
  readonly left: readonly UndoFailure[];
}

// Shared through the global symbol registry, so that the ESM and the CommonJS copy of this package agree.
const failures = Symbol.for('@virt-drivers/core/undoFailures');

/** What is left behind according to an error that a rollback produced; empty for every other error. */
export function undoFailuresOf(error: unknown): readonly UndoFailure[] {
  if (typeof error !== 'object' || error === null || !(failures in error)) return [];
  // Only `errorAfterUndo` writes this symbol.
  return error[failures] as readonly UndoFailure[];
}

/**
 * The error to throw after a rollback. The original's code stays. When something is left, its message names it and
 * `stateAfter` is `partial`; when all is undone and that covers the failed call itself, `stateAfter` is `unchanged`.
 */
export function errorAfterUndo(cause: unknown, left: readonly UndoFailure[], covered: boolean): unknown {
  if (left.length > 0) return partial(cause, left);
  if (!covered || !isDriverError(cause) || cause.stateAfter === 'unchanged') return cause;
  return amendError(cause, { message: `${cause.message} All that had been done was undone.`, stateAfter: 'unchanged' });
}

function partial(cause: unknown, left: readonly UndoFailure[]): DriverError {
  const names = left.map(({ name }) => `"${name}"`).join(', ');
  const text = cause instanceof Error ? cause.message : String(cause);
  const message = `${text} Undoing it failed in part: ${names} must be removed before this is called again.`;
  const original = isDriverError(cause) ? cause : new DriverError('DRIVER.FAULT', text, { cause });
  const error = amendError(original, { message, retryable: false, stateAfter: 'partial', cause });
  Object.defineProperty(error, failures, { value: left });
  return error;
}
