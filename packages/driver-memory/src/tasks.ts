import type { FacetAs } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { notFound } from './errors.js';
import type { MemorySession } from './session.js';

/** Facet `tasks`. */
export const createTasks = (session: MemorySession): FacetAs<'tasks', typeof capabilities.tasks> => ({
  async get(id) {
    const task = session.world.tasks.get(id);
    if (!task) throw notFound('TASK.NOT_FOUND', 'Task', id);
    return task;
  },
  list: () =>
    createListing(async function* () {
      for (const task of session.world.tasks.list()) yield await task.status();
    }),
});
