import { DriverError, isDriverError, type CallOptions, type DriverEvent, type Events } from '@virt-drivers/core';
import { createBackoff, createEventQueue, deadlineIn, delay, remaining, type EventQueue } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { fromDomainEvent, fromPoolEvent, type Happening } from './convert/event.js';
import type { LibvirtSession } from './session.js';
import { TRIAL_PREFIX } from './virt-type.js';

/** Events that may wait for a consumer that does not say how many. */
const CAPACITY = 10_000;
/** How long a lost connection is given before a watch ends. */
const OUTAGE = { minutes: 1 };

/** Gives each happening its place in one watch. */
interface Sequence {
  next(happening: Happening): DriverEvent;
}

/** Events of libvirt. The daemon keeps none, so continuity ends with the connection, and `resync` says so. */
export function createEvents(session: LibvirtSession): Events {
  return {
    async watch({ since, capacity = CAPACITY } = {}, options = {}) {
      const sequence = createSequence();
      const stop = new AbortController();
      const queue = createEventQueue<DriverEvent>({
        capacity,
        gap: () => sequence.next({ kind: 'resync', reason: 'overflow' }),
        onClose: () => stop.abort(),
        ...(options.signal && { signal: options.signal }),
      });
      const push = createFilter(queue, sequence);
      await follow(session, push, queue, options, stop.signal);
      if (since !== undefined) queue.push(sequence.next({ kind: 'resync', reason: 'expired' }));
      return queue.events;
    },
  };
}

function createSequence(): Sequence {
  const watch = randomUUID();
  let count = 0;
  return {
    next(happening) {
      count += 1;
      // `happening` has every member of its kind but these three.
      return { ...happening, cursor: `${watch}:${count}`, at: new Date(), timeSource: 'received' } as DriverEvent;
    },
  };
}

type Push = (happening: Happening | undefined) => void;

/** QUIRK: a start is told twice, as started and as resumed; what brings no new state is left out. */
function createFilter(queue: EventQueue<DriverEvent>, sequence: Sequence): Push {
  const states = new Map<string, string>();
  return (happening) => {
    if (!happening) return;
    if (happening.kind === 'machine-state') {
      if (states.get(happening.machine) === happening.state) return;
      states.set(happening.machine, happening.state);
    }
    if (happening.kind === 'machine-deleted') states.delete(happening.machine);
    if (happening.kind === 'resync') states.clear();
    queue.push(sequence.next(happening));
  };
}

/** Follows until the watch ends; a connection that was lost is opened again, and the consumer told. */
async function follow(
  session: LibvirtSession,
  push: Push,
  queue: EventQueue<DriverEvent>,
  options: CallOptions,
  ended: AbortSignal,
): Promise<void> {
  const stop = await session.events.listen(
    {
      domain: (event) => push(event.domain.name.startsWith(TRIAL_PREFIX) ? undefined : fromDomainEvent(event)),
      pool: (event) => push(fromPoolEvent(event)),
      gap: () => push({ kind: 'resync', reason: 'overflow' }),
      lost: () => {
        reconnect(session, push, queue, ended).catch((error: unknown) => queue.fail(error));
      },
    },
    options,
  );
  if (ended.aborted) stop();
  else ended.addEventListener('abort', stop, { once: true });
}

async function reconnect(
  session: LibvirtSession,
  push: Push,
  queue: EventQueue<DriverEvent>,
  ended: AbortSignal,
): Promise<void> {
  const backoff = createBackoff({ initial: { milliseconds: 100 } });
  const deadline = deadlineIn(OUTAGE);
  while (!ended.aborted) {
    try {
      await follow(session, push, queue, { deadline }, ended);
      push({ kind: 'resync', reason: 'connection' });
      return;
    } catch (error) {
      if (isDriverError(error, 'DRIVER.CLOSED')) throw error;
      if (remaining(deadline) === 0) {
        throw new DriverError(
          'HOST.CONNECTION_LOST',
          'Host went away and did not come back within a minute. Watch again when it does.',
          { cause: error },
        );
      }
      await delay(backoff.next(), { signal: ended }).catch(() => undefined);
    }
  }
}
