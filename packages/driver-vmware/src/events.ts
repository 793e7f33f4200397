import { DriverError, type DriverEvent, type Events } from '@virt-drivers/core';
import { createEventQueue } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import type { Happening } from './convert/machine-change.js';
import type { VmwareSession } from './session.js';

/** Events that may wait for a consumer that does not say how many. */
const CAPACITY = 10_000;

/** Changes of machines, as the server's property collector tells them. */
export function createEvents({ events }: VmwareSession): Events {
  return {
    async watch({ since, capacity = CAPACITY } = {}, options = {}) {
      const sequence = createSequence();
      let stop = (): void => undefined;
      const queue = createEventQueue<DriverEvent>({
        capacity,
        gap: () => sequence({ kind: 'resync', reason: 'overflow' }),
        onClose: () => stop(),
        ...(options.signal && { signal: options.signal }),
      });
      const listener = {
        happened: (happening: Happening) => void queue.push(sequence(happening)),
        failed: (error: unknown) => queue.fail(error ?? ended()),
      };
      stop = await events.listen(listener, options);
      // What came before this watch is known to nobody any more.
      if (since !== undefined) queue.push(sequence({ kind: 'resync', reason: 'expired' }));
      if (options.signal?.aborted) stop();
      return queue.events;
    },
  };
}

/** Gives each happening its place in one watch. */
function createSequence(): (happening: Happening) => DriverEvent {
  const watch = randomUUID();
  let count = 0;
  return (happening) => {
    count += 1;
    // `happening` has every member of its kind but these three.
    return { ...happening, cursor: `${watch}:${count}`, at: new Date(), timeSource: 'received' } as DriverEvent;
  };
}

const ended = (): DriverError =>
  new DriverError('HOST.CONNECTION_LOST', 'Host ended the watch. Watch again.', { stateAfter: 'unchanged' });
