import { isDriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { TaskId } from '../values/identifiers.js';
import type { Task, TaskProgress } from '../values/task.js';
import { createBackoff, type BackoffOptions } from './backoff.js';
import { abortable, withDeadline } from './deadline.js';
import { delay } from './delay.js';
import { inMilliseconds, type Duration } from './duration.js';
import { cancelledError } from './interruption.js';
import { createSharedLoop } from './shared-loop.js';
import { createTaskState, type TaskState } from './task-state.js';

/** What the hypervisor says about a task. */
export type PolledTask<Result> =
  | { readonly state: 'queued' | 'running'; readonly progress?: TaskProgress; readonly startedAt?: Date }
  | { readonly state: 'succeeded'; readonly result: Result }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'cancelled'; readonly error?: unknown };

/** Work that the hypervisor does and that is looked at from here. */
export interface ServerTask<Result> {
  readonly id: TaskId;
  /** Looks once. May wait until something changes, if the hypervisor can do that. */
  poll(options: CallOptions): Promise<PolledTask<Result>>;
  /** Asks the hypervisor to stop the work. */
  cancel(options: CallOptions): Promise<void>;
  /** Waiting times between two looks. Default: from 100 ms to 2 s. */
  readonly backoff?: BackoffOptions;
  /** Time for one look. Default: 30 seconds. */
  readonly pollWithin?: Duration;
  /** For how long failing looks are repeated when their errors are retryable. Default: 1 minute. */
  readonly outageWithin?: Duration;
}

/**
 * A task of the contract that looks at the hypervisor's own one, but only while somebody waits for its result or
 * progress: a task that was let go of costs nothing. When contact is lost for too long, those who wait get that error
 * and may wait again later; it is not the task's outcome.
 */
export function pollTask<Result>(work: ServerTask<Result>): Task<Result> {
  const state = createTaskState<Result>(work.id);
  const waiting = { what: `Waiting for task ${work.id}`, stateAfter: 'unchanged' } as const;
  const loop = createSharedLoop((signal) => pollUntilEnded(work, state, signal));

  async function* progress(options: CallOptions = {}): AsyncGenerator<TaskProgress, void, undefined> {
    const { failed, leave } = loop.join();
    const news = state.follow();
    try {
      for (;;) {
        const next = await abortable(Promise.race([news.next(), failed]), options, waiting);
        if (next.done) return;
        yield next.value;
      }
    } finally {
      leave();
    }
  }

  return {
    id: work.id,
    progress,
    async status(options = {}) {
      if (!state.ended) await look(work, state, options);
      return state.status();
    },
    async result(options = {}) {
      const { failed, leave } = loop.join();
      try {
        return await abortable(Promise.race([state.outcome(), failed]), options, waiting);
      } finally {
        leave();
      }
    },
    async cancel(options = {}) {
      if (state.ended) return;
      try {
        await work.cancel(options);
      } catch (error) {
        // Most hypervisors refuse to cancel what has just ended.
        await look(work, state, options).catch(() => undefined);
        if (!state.ended) throw error;
      }
    },
  };
}

async function pollUntilEnded<Result>(
  work: ServerTask<Result>,
  state: TaskState<Result>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff({ initial: { milliseconds: 100 }, ...work.backoff });
  const patience = inMilliseconds(work.outageWithin ?? { minutes: 1 });
  let silentSince: number | undefined;
  while (!state.ended) {
    try {
      await look(work, state, { signal });
      silentSince = undefined;
    } catch (error) {
      silentSince ??= Date.now();
      const mayPass = isDriverError(error) && error.retryable && Date.now() - silentSince < patience;
      if (!mayPass) throw error;
    }
    if (!state.ended) await delay(backoff.next(), { signal });
  }
}

async function look<Result>(work: ServerTask<Result>, state: TaskState<Result>, options: CallOptions): Promise<void> {
  const about = { what: `Looking at task ${work.id}`, stateAfter: 'unchanged' } as const;
  const seen = await withDeadline(options, work.pollWithin ?? { seconds: 30 }, (call) => work.poll(call), about);
  if (seen.state === 'succeeded') state.succeed(seen.result);
  else if (seen.state === 'failed') state.fail(seen.error);
  else if (seen.state === 'cancelled') state.fail(asCancelled(work.id, seen.error));
  else {
    if (seen.state === 'running') state.running(seen.startedAt);
    if (seen.progress) state.report(seen.progress);
  }
}

const asCancelled = (id: TaskId, error: unknown): unknown =>
  isDriverError(error, 'CALL.CANCELLED') ? error : cancelledError({ what: `Task ${id}` }, error);
