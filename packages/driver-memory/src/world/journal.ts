import type { DriverEvent } from '@virt-drivers/core';
import type { Scene } from './scene.js';

type WithoutEnvelope<E> = E extends unknown ? Omit<E, 'cursor' | 'at' | 'timeSource'> : never;

/** An event as its cause tells it. */
export type Happening = WithoutEnvelope<DriverEvent>;

/** The newest events in order; the number of the first one kept is `first`. */
export interface JournalState {
  first: number;
  readonly events: { readonly at: Date; readonly what: Happening }[];
}

const EVENTS_KEPT = 5_000;

/** Adds what happened. Old events go when there are too many: who has not read them yet is told to resync. */
export function tell({ state: { journal }, now }: Scene, what: Happening): void {
  journal.events.push({ at: now, what });
  if (journal.events.length <= EVENTS_KEPT) return;
  const excess = journal.events.length - EVENTS_KEPT;
  journal.events.splice(0, excess);
  journal.first += excess;
}

/** Number of the event that will come next. */
export const journalEnd = ({ first, events }: JournalState): number => first + events.length;
