/**
 * Applies `work` to every item, several at a time, and yields the results in the order of the items. Never holds more than
 * `width` items. When the consumer stops or something fails, waits for what is under way, so that nothing outlives it.
 */
export async function* orderedMap<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const started = work(item);
      // A failure is reported when its turn comes, not as one that nobody handles.
      started.catch(() => undefined);
      running.push(started);
      const first = running.length >= width ? running.shift() : undefined;
      if (first) yield await first;
    }
    for (let next = running.shift(); next; next = running.shift()) yield await next;
  } finally {
    await Promise.allSettled(running);
  }
}
