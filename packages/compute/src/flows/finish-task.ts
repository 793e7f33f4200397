import { type CallOptions, type Task, type TaskProgress } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';

const SETTLE_WITHIN = { seconds: 30 };

/**
 * Waits for a task and hands its progress on. When the caller cancels or its deadline passes, asks the task to stop and
 * gives it a moment to do so, so that what an undo then looks at does not change any more.
 */
export async function finishTask<T>(task: Task<T>, options: CallOptions, onProgress?: (progress: TaskProgress) => void): Promise<T> {
  if (onProgress) void report(task, onProgress);
  try {
    return await task.result(options);
  } catch (error) {
    const gaveUp = options.signal?.aborted || (options.deadline !== undefined && options.deadline.getTime() <= Date.now());
    if (gaveUp) await stop(task);
    throw error;
  }
}

async function stop(task: Task<unknown>): Promise<void> {
  const within = { deadline: deadlineIn(SETTLE_WITHIN) };
  try {
    await task.cancel(within);
    await task.result(within);
  } catch {
    // However it ended: the caller's own error is the one that counts.
  }
}

async function report(task: Task<unknown>, onProgress: (progress: TaskProgress) => void): Promise<void> {
  try {
    for await (const progress of task.progress()) onProgress(progress);
  } catch {
    // An observer is no reason to fail.
  }
}
