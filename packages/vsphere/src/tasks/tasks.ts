import type { CallOptions } from '../call-options.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { Properties } from '../properties/properties.js';
import type { Reference } from '../schema/reference.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { startLimit } from '../wait-limit.js';
import { mergeState, outcomeOf, TASK_PATHS, type TaskState } from './task-state.js';
import { TaskWatcher } from './task-watcher.js';

export interface TaskOptions extends CallOptions {
  /** Is told the percentage whenever it changes. */
  readonly onProgress?: ((percent: number) => void) | undefined;
  /** Also cancels the task when the wait ends by its signal or deadline. The task may not stop, or may be done. */
  readonly cancelOnAbort?: boolean | undefined;
}

/** Waits for the tasks that methods called `…_Task` begin. */
export interface Tasks {
  /**
   * Resolves with the task's result. All waits of a client share one collector of their own. A wait survives a lost
   * connection and a renewed session. Without a deadline it lasts a day at most: a clone may take hours.
   * @throws VsphereFault of the task: `RequestCanceled` when it was cancelled. VsphereError `CANCELLED`, `DEADLINE_EXCEEDED`
   */
  wait(task: Reference<'Task'>, options?: TaskOptions): Promise<unknown>;
  /**
   * Asks the server to stop a task. One that has ended is left as it is.
   * @throws VsphereFault `NotSupported` for a task that cannot be cancelled
   */
  cancel(task: Reference<'Task'>, options?: CallOptions): Promise<void>;
}

const A_DAY_MS = 86_400_000;

export interface OwnedTasks extends Tasks {
  /** Ends every wait with this error. */
  stop(error: Error): void;
}

export function tasksOf(session: Session, properties: Properties): OwnedTasks {
  const watcher = new TaskWatcher(session, TASK_PATHS);
  const cancel = async (task: Reference<'Task'>, options: CallOptions = {}) => {
    try {
      await session.call(shippedMethod('CancelTask'), task, {}, options);
    } catch (error) {
      // It ended in the meantime.
      if (!isFault(error, 'InvalidState')) throw error;
    }
  };
  const wait = async (task: Reference<'Task'>, options: TaskOptions = {}) => {
    const limit = startLimit(`The wait for ${task.value}`, options, A_DAY_MS);
    try {
      limit.signal.throwIfAborted();
      // Many tasks are over before anybody asks.
      const now = await properties.get(task, TASK_PATHS, { signal: limit.signal });
      const done = outcomeOf(mergeState({}, now));
      if (done && 'result' in done) return done.result;
      if (done) throw done.error;
      return await watchTask(watcher, task, mergeState({}, now), options, limit.signal);
    } catch (error) {
      if (limit.signal.aborted && options.cancelOnAbort) await cancel(task).catch(() => undefined);
      throw error;
    } finally {
      limit.end();
    }
  };
  return { wait, cancel, stop: (error) => watcher.stop(error) };
}

function watchTask(
  watcher: TaskWatcher,
  task: Reference<'Task'>,
  first: TaskState,
  { onProgress }: TaskOptions,
  signal: AbortSignal,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let state = first;
    const end = (settle: () => void) => {
      unlisten();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => end(() => reject(signal.reason));
    const changed = (properties: Readonly<Record<string, unknown>>) => {
      const before = state.progress;
      state = mergeState(state, properties);
      if (state.progress !== undefined && state.progress !== before) tellProgress(onProgress, state.progress);
      const outcome = outcomeOf(state);
      if (outcome) end(() => ('result' in outcome ? resolve(outcome.result) : reject(outcome.error)));
    };
    const unlisten = watcher.listen(task, { changed, failed: (error) => end(() => reject(error)) });
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** A listener that throws must not end the wait of others. */
function tellProgress(listener: TaskOptions['onProgress'], percent: number): void {
  try {
    listener?.(percent);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
