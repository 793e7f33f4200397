import type { DriverEvent } from '@virt-drivers/core';
import type { Scene } from './scene.js';

type WithoutEnvelope<E> = E extends unknown ? Omit<E, 'cursor' | 'at' | 'timeSource'> : never;

/** An event as its cause tells it. */
export type Happening = WithoutEnvelope<DriverEvent>;

/** The newest events in order, at most `capacity`; the number of the first one kept is `first`. */
export interface JournalState {
  first: number;
  readonly capacity: number;
  readonly events: { readonly at: Date; readonly what: Happening }[];
}

/** Adds what happened. Old events go when there are too many: who has not read them yet is told to resync. */
export function tell({ state: { journal }, now }: Scene, what: Happening): void {
  journal.events.push({ at: now, what });
  const excess = journal.events.length - journal.capacity;
  if (excess <= 0) return;
  journal.events.splice(0, excess);
  journal.first += excess;
}

/** Number of the event that will come next. */
export const journalEnd = ({ first, events }: JournalState): number => first + events.length;
