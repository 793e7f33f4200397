import { isDriverError, type DriverError, type Listing } from '@virt-drivers/core';

/** A listing over what `read` yields: errors in it are counted, undefined is left out. Every iteration reads anew. */
export function listingOf<Item>(read: () => AsyncIterable<Item | DriverError | undefined>): Listing<Item> {
  let unreadable = 0;
  async function* iterate(): AsyncGenerator<Item> {
    unreadable = 0;
    for await (const item of read()) {
      if (isDriverError(item)) unreadable += 1;
      else if (item !== undefined) yield item;
    }
  }
  return {
    [Symbol.asyncIterator]: iterate,
    async all() {
      const items: Item[] = [];
      for await (const item of iterate()) items.push(item);
      return items;
    },
    get unreadable() {
      return unreadable;
    },
  };
}
