import type { Listing } from '../values/listing.js';

/**
 * Makes a listing from a generator. It is called anew for each iteration and calls `skip` for every object that is
 * there but cannot be read.
 */
export function createListing<Item>(iterate: (skip: () => void) => AsyncIterable<Item>): Listing<Item> {
  let unreadable = 0;

  async function* items(): AsyncGenerator<Item, void, undefined> {
    let skipped = 0;
    yield* iterate(() => (skipped += 1));
    unreadable = skipped;
  }

  return {
    [Symbol.asyncIterator]: items,
    async all() {
      const all: Item[] = [];
      for await (const item of items()) all.push(item);
      return all;
    },
    get unreadable() {
      return unreadable;
    },
  };
}
