import { isDriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { TaskId } from '../values/identifiers.js';
import type { TaskProgress, TaskStatus } from '../values/task.js';
import { abortable } from './deadline.js';
import { createLatest } from './latest.js';

/** What is known of a task: its state, newest progress and outcome, for any number of waiters. */
export interface TaskState<Result> {
  /** True when the outcome is known. */
  readonly ended: boolean;
  status(): TaskStatus;
  /** The task is working, since then if that is known. Changes nothing when it is told twice. */
  running(startedAt?: Date): void;
  /** New progress; a field that is missing keeps its value, and `fraction` never goes back. */
  report(progress: TaskProgress): void;
  succeed(result: Result): void;
  /** Ends the task: as cancelled when the error's code is `CALL.CANCELLED`, else as failed. */
  fail(error: unknown): void;
  follow(options?: CallOptions): AsyncGenerator<TaskProgress, void, undefined>;
  /** Waits for the outcome; `options` end the waiting only. */
  outcome(options?: CallOptions): Promise<Result>;
}

/** Makes the state of a task that is queued. The first outcome counts; what comes after it changes nothing. */
export function createTaskState<Result>(id: TaskId): TaskState<Result> {
  const progress = createLatest<TaskProgress>();
  let state: TaskStatus['state'] = 'queued';
  let since: Date | undefined;
  let resolve: (result: Result) => void;
  let reject: (error: unknown) => void;
  const outcome = new Promise<Result>((...settle) => ([resolve, reject] = settle));
  // A task that nobody waits for may fail without taking the process down.
  outcome.catch(() => undefined);

  const isEnded = (): boolean => state !== 'queued' && state !== 'running';
  const end = (final: TaskStatus['state'], settle: () => void): void => {
    if (isEnded()) return;
    if (final === 'succeeded') progress.publish({ ...progress.value, fraction: 1 });
    state = final;
    progress.end();
    settle();
  };

  return {
    get ended() {
      return isEnded();
    },
    status: () => ({ id, state, progress: progress.value ?? {}, ...(since && { startedAt: since }) }),
    running(startedAt) {
      if (!isEnded()) state = 'running';
      since ??= startedAt;
    },
    report: (news) => progress.publish(forward(progress.value ?? {}, news)),
    succeed: (result) => end('succeeded', () => resolve(result)),
    fail: (error) => end(isDriverError(error, 'CALL.CANCELLED') ? 'cancelled' : 'failed', () => reject(error)),
    follow: (options) => progress.follow(options),
    outcome: (options) => abortable(outcome, options, { what: `Waiting for task ${id}`, stateAfter: 'unchanged' }),
  };
}

function forward(known: TaskProgress, { fraction, ...news }: TaskProgress): TaskProgress {
  const merged = { ...known, ...news };
  if (fraction === undefined || Number.isNaN(fraction)) return merged;
  return { ...merged, fraction: Math.min(1, Math.max(0, fraction, known.fraction ?? 0)) };
}
