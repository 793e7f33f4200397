import { type CallOptions, type Task, type TaskProgress } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';

const SETTLE_WITHIN = { seconds: 30 };

/** How to wait for a task: as any call, with observers. */
export interface FinishOptions extends CallOptions {
  readonly onProgress?: (progress: TaskProgress) => void;
  /** Told when the waiting failed and the task could not be seen to end: its work may still take effect. */
  readonly onUnsettled?: () => void;
}

/**
 * Waits for a task and hands its progress on. When the waiting fails (cancelled, too late, connection lost), asks the
 * task to stop and gives it a moment to do so, so that what an undo then looks at does not change any more.
 */
export async function finishTask<T>(task: Task<T>, { onProgress, onUnsettled, ...options }: FinishOptions): Promise<T> {
  if (onProgress) void report(task, onProgress);
  try {
    return await task.result(options);
  } catch (error) {
    if (!(await isSettled(task))) onUnsettled?.();
    throw error;
  }
}

async function isSettled(task: Task<unknown>): Promise<boolean> {
  const within = { deadline: deadlineIn(SETTLE_WITHIN) };
  await task.cancel(within).catch(() => undefined);
  await task.result(within).catch(() => undefined);
  const status = await task.status(within).catch(() => undefined);
  return status !== undefined && status.state !== 'running' && status.state !== 'queued';
}

async function report(task: Task<unknown>, onProgress: (progress: TaskProgress) => void): Promise<void> {
  try {
    for await (const progress of task.progress()) onProgress(progress);
  } catch {
    // An observer is no reason to fail.
  }
}
