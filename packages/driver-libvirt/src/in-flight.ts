import { abortable, throwIfAborted } from '@virt-drivers/core/kit';
import type { CallOptions } from '@virt-drivers/core';

/** Lets so many calls run at a time, the others wait in the order in which they came. */
export interface InFlight {
  run<T>(options: CallOptions, work: () => Promise<T>): Promise<T>;
}

/** Makes a limit of calls in flight. */
export function createInFlight(limit: number): InFlight {
  const waiting: (() => void)[] = [];
  let running = 0;

  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  const enter = async (options: CallOptions): Promise<void> => {
    if (running < limit) {
      running += 1;
      return;
    }
    const turn = new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await abortable(turn, options, { what: 'Waiting for a free place on the connection', stateAfter: 'unchanged' });
    } catch (error) {
      // The turn that nobody waits for any more goes to the next.
      void turn.then(leave);
      throw error;
    }
  };

  return {
    async run(options, work) {
      throwIfAborted(options);
      await enter(options);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
