/** All items, in order. For tests and small listings; what may be long is better iterated. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** One answer of a listing that comes in pages. */
export interface Page<T, Cursor> {
  readonly items: readonly T[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: Cursor;
}

/** The items of all pages. A page is fetched when the one before is used up; leaving early fetches no more. */
export async function* paged<T, Cursor>(
  fetchPage: (cursor: Cursor | undefined) => Promise<Page<T, Cursor>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: Cursor | undefined;
  do {
    const page = await fetchPage(cursor);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
