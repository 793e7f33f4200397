import type { CallOptions } from '../values/call.js';
import { withDeadline } from './deadline.js';
import type { Duration } from './duration.js';
import { errorAfterUndo, type UndoFailure, type UndoReport } from './undo-report.js';

/** Takes one thing back. Must succeed when the thing is not there (any more). */
export type Undo = (options: CallOptions) => Promise<void>;

/** How to roll back. */
export interface RollbackOptions {
  /** Time that each undo gets for itself. Default: 30 seconds. */
  readonly eachWithin?: Duration;
  /** Told before and after each undo; what it throws is ignored, for nothing may stop a rollback. */
  readonly onUndo?: (event: { readonly name: string; readonly phase: 'undoing' | 'undone' | 'left' }) => void;
}

/** What has been done so far, and how to take it back. */
export interface UndoStack {
  /** Notes how to undo what was done, or is about to be done. Throws when the stack was rolled back already. */
  push(name: string, undo: Undo): void;
  /**
   * Notes the undo first, then does it: whatever state `run` leaves when it fails, `undo` sees it. Prefer it where
   * `undo` can find the thing without knowing what `run` returned.
   */
  attempt<T>(name: string, undo: Undo, run: () => Promise<T>): Promise<T>;
  /** What was pushed so far stays done. Later pushes can still be rolled back. */
  commit(): void;
  /**
   * Undoes in reverse order, each with its own deadline and without the caller's signal, going on when one fails.
   * Never rejects; throw the report's `error`.
   */
  rollback(cause: unknown, options?: RollbackOptions): Promise<UndoReport>;
}

/** Makes an empty undo stack. */
export function createUndoStack(): UndoStack {
  const entries: { readonly name: string; readonly undo: Undo }[] = [];
  const covered = new Set<unknown>();
  let closed = false;

  const push = (name: string, undo: Undo): void => {
    if (closed) throw new Error(`Undo stack was rolled back already; "${name}" came too late to be undone.`);
    entries.push({ name, undo });
  };

  return {
    push,
    async attempt(name, undo, run) {
      push(name, undo);
      try {
        return await run();
      } catch (error) {
        covered.add(error);
        throw error;
      }
    },
    commit() {
      entries.length = 0;
    },
    async rollback(cause, options = {}) {
      closed = true;
      const undone: string[] = [];
      const left: UndoFailure[] = [];
      for (const { name, undo } of entries.splice(0).reverse()) {
        notify(options, name, 'undoing');
        const failure = await undoOne(name, undo, options);
        if (failure) left.push(failure);
        else undone.push(name);
        notify(options, name, failure ? 'left' : 'undone');
      }
      return { error: errorAfterUndo(cause, left, covered.has(cause)), undone, left };
    },
  };
}

/** Runs `fn`; when it throws, undoes what it pushed and throws its error, telling the state after that. */
export async function withUndo<T>(fn: (undo: UndoStack) => Promise<T>, options: RollbackOptions = {}): Promise<T> {
  const stack = createUndoStack();
  try {
    return await fn(stack);
  } catch (cause) {
    const { error } = await stack.rollback(cause, options);
    throw error;
  }
}

async function undoOne(name: string, undo: Undo, options: RollbackOptions): Promise<UndoFailure | undefined> {
  try {
    await withDeadline({}, options.eachWithin ?? { seconds: 30 }, undo, { what: `Undoing "${name}"` });
    return undefined;
  } catch (error) {
    return { name, error };
  }
}

function notify(options: RollbackOptions, name: string, phase: 'undoing' | 'undone' | 'left'): void {
  try {
    options.onUndo?.({ name, phase });
  } catch {
    // An observer is no reason to leave things behind.
  }
}
