import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import { deadlineIn, type Duration } from '@virt-drivers/core/kit';
import type { Reference, Vsphere } from '@virt-drivers/vsphere';
import type { Bounded, CallKind, Center } from './connection.js';

/** How a task of the server is run. */
export interface TaskKind extends CallKind {
  /** Told how far it is, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Starts a task and waits for its end; resolves to its result. */
export type RunTask = (
  kind: TaskKind,
  options: CallOptions,
  start: (vsphere: Vsphere, call: Bounded) => Promise<Reference<'Task'> | undefined>,
) => Promise<unknown>;

const USUAL: Duration = { minutes: 10 };
/** How long the server may take to stop what was given up, before the caller is told that it is not known. */
const LEAVE: Duration = { seconds: 4 };

/** Runs tasks. Who gives up has the task cancelled; when it was too late for that, its result is the call's. */
export const taskRunner =
  (center: Center): RunTask =>
  async (kind, options, start) => {
    const deadline = options.deadline ?? deadlineIn(kind.within ?? USUAL);
    const task = await center.call(kind, { ...options, deadline }, start);
    if (!task) throw new DriverError('HOST.FAILED', `${kind.what}: the server began nothing and gave no reason.`);
    const wait = (call: CallOptions): Promise<unknown> =>
      // Waiting is interrupted by the signal, unlike the call that started the task.
      center.call(kind, { deadline }, (vsphere) => vsphere.tasks.wait(task, { ...call, ...progressOf(kind) }));
    try {
      return await wait({ ...options, deadline });
    } catch (error) {
      if (!isDriverError(error, 'CALL.CANCELLED', 'CALL.DEADLINE_EXCEEDED')) throw error;
      return stop(center, kind, task, error);
    }
  };

const progressOf = ({ onProgress }: TaskKind) =>
  onProgress ? { onProgress: (percent: number) => onProgress(percent / 100) } : {};

async function stop(center: Center, kind: TaskKind, task: Reference<'Task'>, why: DriverError): Promise<unknown> {
  const call = { deadline: deadlineIn(LEAVE) };
  // What cannot be cancelled goes on; waiting a little longer tells what became of it.
  await center.call(kind, call, (vsphere, own) => vsphere.tasks.cancel(task, own)).catch(() => undefined);
  try {
    return await center.call(kind, call, (vsphere, own) => vsphere.tasks.wait(task, own));
  } catch (error) {
    if (isDriverError(error, 'CALL.CANCELLED'))
      throw new DriverError(why.code, `${kind.what}: the call was given up, and the server stopped the work.`, {
        stateAfter: 'unknown',
        cause: error,
      });
    throw isDriverError(error, 'CALL.DEADLINE_EXCEEDED') ? why : error;
  }
}
