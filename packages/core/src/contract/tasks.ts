import type { CallOptions } from '../values/call.js';
import type { TaskId } from '../values/identifiers.js';
import type { Listing } from '../values/listing.js';
import type { Task, TaskStatus } from '../values/task.js';

/** Tasks that the hypervisor itself keeps, so that they outlive the process that started them. */
export interface Tasks {
  /** Resumes a task by its id. The result is what the member that started it promises. Errors: `TASK.NOT_FOUND`. */
  get(id: TaskId, options?: CallOptions): Promise<Task<unknown>>;
  /** Tasks that the endpoint still knows. */
  list?(options?: CallOptions): Listing<TaskStatus>;
}
