import { type CallOptions, type DriverEvent, type Events, type WatchRequest } from '@virt-drivers/core';
import { mayRead, type MemorySession } from './session.js';
import { journalEnd, type Happening } from './world/journal.js';
import type { Scene } from './world/scene.js';

const CAPACITY = 10_000;

/** Where a watcher stands: the number of the next event; undefined when its cursor says nothing to us. */
function positionOf({ state }: Scene, cursor: string): number | undefined {
  const [endpoint, number] = cursor.split('#');
  const position = Number(number);
  const isOurs =
    endpoint === state.endpointId && Number.isSafeInteger(position) && position <= journalEnd(state.journal);
  return isOurs ? position : undefined;
}

type Lost = Extract<DriverEvent, { kind: 'resync' }>['reason'];

interface News {
  /** Absent: an event that this account does not see. */
  readonly event?: DriverEvent;
  readonly next: number;
}

const envelop = ({ state }: Scene, what: Happening, at: Date, next: number): DriverEvent =>
  // The kind decides the members; both come from one value.
  ({ ...what, at, timeSource: 'endpoint', cursor: `${state.endpointId}#${next}` }) as DriverEvent;

/** The event at a position, or what to say when it is gone or too many wait; undefined when there is none yet. */
function newsAt(
  session: MemorySession,
  scene: Scene,
  position: number | undefined,
  capacity: number,
): News | undefined {
  const { journal, machines } = scene.state;
  const end = journalEnd(journal);
  const resync = (reason: Lost): News => ({
    event: envelop(scene, { kind: 'resync', reason }, scene.now, end),
    next: end,
  });
  if (position === undefined || position < journal.first) return resync('expired');
  if (end - position > capacity) return resync('overflow');
  const kept = journal.events[position - journal.first];
  if (!kept) return undefined;
  const machine = 'machine' in kept.what ? machines[kept.what.machine] : undefined;
  const isHidden = machine !== undefined && !mayRead(session.account, machine);
  return { next: position + 1, ...(!isHidden && { event: envelop(scene, kept.what, kept.at, position + 1) }) };
}

async function* follow(
  session: MemorySession,
  start: number | undefined,
  capacity: number,
  signal: AbortSignal,
): AsyncGenerator<DriverEvent, void, undefined> {
  let position = start;
  try {
    while (!signal.aborted) {
      const from = position;
      const news: News = await session.until((scene) => newsAt(session, scene, from, capacity), { signal });
      position = news.next;
      if (news.event) yield news.event;
    }
  } catch (error) {
    // Aborting the signal is how a watcher says that it has seen enough.
    if (!signal.aborted) throw error;
  }
}

/** The generator, but leaving it does not wait for the next event. */
function leavable(
  events: AsyncGenerator<DriverEvent, void, undefined>,
  leave: () => void,
): AsyncIterableIterator<DriverEvent> {
  return {
    next: () => events.next(),
    return() {
      leave();
      return events.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Facet `events`. */
export const createEvents = (session: MemorySession): Events => ({
  async watch(request: WatchRequest = {}, options: CallOptions = {}) {
    const { since, capacity = CAPACITY } = request;
    const canResume = session.has('events.resume');
    const start = await session.look((scene) => {
      if (since === undefined) return journalEnd(scene.state.journal);
      return canResume ? positionOf(scene, since) : undefined;
    });
    const leaving = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal;
    return leavable(follow(session, start, capacity, signal), () => leaving.abort());
  },
});
