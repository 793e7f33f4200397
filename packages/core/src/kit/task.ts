import type { CallOptions } from '../values/call.js';
import type { TaskId } from '../values/identifiers.js';
import type { Task, TaskProgress } from '../values/task.js';
import { isPlainAbort } from './deadline.js';
import { cancelledError } from './interruption.js';
import { createTaskState } from './task-state.js';

/** Work that this process does, or watches, itself. */
export interface LocalTask<Result> {
  readonly id: TaskId;
  /** Does the work. `signal` aborts when the task is cancelled; reject then, or resolve if it is too late. */
  run(report: (progress: TaskProgress) => void, signal: AbortSignal): Promise<Result>;
  /**
   * Asks the hypervisor to stop, instead of aborting `signal`: `run` then learns the end from the hypervisor. May
   * reject; the task goes on then.
   */
  cancel?(options: CallOptions): Promise<void>;
}

/** Starts the work at once and gives the task that follows it. */
export function createTask<Result>(work: LocalTask<Result>): Task<Result> {
  const state = createTaskState<Result>(work.id);
  const controller = new AbortController();
  let cancelling: Promise<void> | undefined;

  const run = async (): Promise<Result> => work.run((progress) => state.report(progress), controller.signal);
  state.running(new Date());
  run().then(state.succeed, (error: unknown) => {
    const stopped = controller.signal.aborted && isPlainAbort(error);
    state.fail(stopped ? cancelledError({ what: `Task ${work.id}` }, error) : error);
  });

  const cancel = async (options: CallOptions): Promise<void> => {
    if (work.cancel) await work.cancel(options);
    else controller.abort(cancelledError({ what: `Task ${work.id}` }));
  };

  return {
    id: work.id,
    status: async () => state.status(),
    progress: (options) => state.follow(options),
    result: (options) => state.outcome(options),
    async cancel(options = {}) {
      if (state.ended) return;
      // Asking twice at a time asks once; asking again after a refusal asks again.
      cancelling ??= cancel(options).finally(() => (cancelling = undefined));
      await cancelling;
    },
  };
}
