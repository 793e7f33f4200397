import type { Task, TaskId } from '@virt-drivers/core';

const ENDED_TASKS_KEPT = 200;

/** The tasks that a world works on or has worked on: they belong to it, not to the session that started them. */
export interface TaskBoard {
  add(task: Task<unknown>): void;
  /** The work under way for this key, so that equal requests share it; else `start`s it. */
  share<T>(key: string, start: () => Promise<Task<T>>): Promise<Task<T>>;
  get(id: TaskId): Task<unknown> | undefined;
  list(): readonly Task<unknown>[];
}

/** Makes an empty board. The oldest tasks are forgotten when there are many. */
export function createTaskBoard(): TaskBoard {
  const tasks = new Map<TaskId, Task<unknown>>();

  const shared = new Map<string, Promise<Task<unknown>>>();

  const forgetOne = async (): Promise<void> => {
    for (const task of tasks.values()) {
      const { state } = await task.status();
      if (state === 'queued' || state === 'running') continue;
      tasks.delete(task.id);
      return;
    }
  };

  return {
    add(task) {
      tasks.set(task.id, task);
      if (tasks.size > ENDED_TASKS_KEPT) void forgetOne();
    },
    share<T>(key: string, start: () => Promise<Task<T>>) {
      // A key stands for one kind of request, and so for one kind of result.
      const before = shared.get(key) as Promise<Task<T>> | undefined;
      if (before) return before;
      const starting = start();
      shared.set(key, starting);
      const forget = (): void => void shared.delete(key);
      starting.then((task) => task.result().then(forget, forget), forget);
      return starting;
    },
    get: (id) => tasks.get(id),
    list: () => [...tasks.values()],
  };
}
