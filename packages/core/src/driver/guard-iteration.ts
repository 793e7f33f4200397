import { throwIfAborted } from '../kit/interruption.js';
import type { CallOptions } from '../values/call.js';
import type { Listing } from '../values/listing.js';
import { asDriverError } from './guard-call.js';

/**
 * Iterates what a driver yields, starting only when somebody reads: problems of the request and of the driver both
 * arrive as errors of the iteration. Leaving the loop early lets the driver clean up.
 */
export async function* guardIteration<T>(
  member: string,
  options: CallOptions,
  open: () => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  throwIfAborted(options, { what: member, stateAfter: 'unchanged' });
  try {
    for await (const item of open()) {
      yield item;
      throwIfAborted(options, { what: member, stateAfter: 'unchanged' });
    }
  } catch (error) {
    throw asDriverError(error, member);
  }
}

/** The same for listings. */
export function guardListing<T>(member: string, options: CallOptions, open: () => Listing<T>): Listing<T> {
  let source: Listing<T> | undefined;
  const iterate = (): AsyncGenerator<T, void, undefined> => guardIteration(member, options, () => (source = open()));
  return {
    [Symbol.asyncIterator]: iterate,
    async all() {
      const items: T[] = [];
      for await (const item of iterate()) items.push(item);
      return items;
    },
    get unreadable() {
      return source?.unreadable ?? 0;
    },
  };
}
