import type { Handler } from '../chain/handler.js';
import { childrenOf, textOf } from '../xml/element.js';
import type { Tasks } from './tasks.js';

/** Every listing that names a task is a look at it. */
export function looks(tasks: Tasks): Handler {
  return async (call, next) => {
    if (/^RetrieveProperties(Ex)?$/.test(call.method)) {
      for (const spec of childrenOf(call.operation, 'specSet')) {
        for (const object of childrenOf(spec, 'objectSet')) {
          const value = textOf(object, 'obj');
          if (value !== undefined) await tasks.look({ type: 'Task', value });
        }
      }
    }
    return next(call);
  };
}
