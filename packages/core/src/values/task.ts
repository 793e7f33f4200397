import type { CallOptions } from './call.js';
import type { TaskId } from './identifiers.js';
import type { Bytes } from './quantity.js';

/** How far a task has come. Every field is absent while unknown; `fraction` never decreases. */
export interface TaskProgress {
  /** From 0 to 1. */
  readonly fraction?: number;
  readonly doneBytes?: Bytes;
  readonly totalBytes?: Bytes;
  /** What is being done now, in a word or two, for people. */
  readonly phase?: string;
}

/** What a task is doing as plain data. */
export interface TaskStatus {
  readonly id: TaskId;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly progress: TaskProgress;
  readonly startedAt?: Date;
}

/**
 * Long remote work: observable, cancellable, awaited by `result()`.
 *
 * CONTRACT question 12 (is a call finished when it returns?): short calls resolve when the change is done and visible to
 * the next `get`; long ones return a `Task`. Where the hypervisor keeps tasks, capability `tasks` lets a new process
 * resume one by its id. Proven by: `machines/create-is-visible-to-get`, `tasks/result-and-progress`, `tasks/resume-by-id`.
 */
export interface Task<Result> {
  readonly id: TaskId;
  /** The state now. */
  status(options?: CallOptions): Promise<TaskStatus>;
  /** Progress from now on until the task ends; ends without error whatever the outcome. One iteration per consumer. */
  progress(options?: CallOptions): AsyncIterable<TaskProgress>;
  /**
   * Asks the hypervisor to stop the work. Resolves when the request was taken; `result()` then rejects with
   * `CALL.CANCELLED`, or resolves when it was too late. Cancelling an ended task changes nothing.
   */
  cancel(options?: CallOptions): Promise<void>;
  /**
   * Waits for the end. May be called several times and by several callers; every call gets the same outcome.
   * Aborting `signal` or passing `deadline` stops the waiting, not the work.
   */
  result(options?: CallOptions): Promise<Result>;
}
