import { createListing } from './listing.js';
import { collect, paged, type Page } from './sequence.js';

const pages: Record<number, Page<string, number>> = {
  0: { items: ['a', 'b'], next: 1 },
  1: { items: [], next: 2 },
  2: { items: ['c'] },
};

test('paged goes through all pages, empty ones too', async () => {
  expect(await collect(paged(async (cursor: number | undefined) => pages[cursor ?? 0] ?? { items: [] }))).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('paged fetches a page only when it is needed', async () => {
  const fetched: number[] = [];
  const fetchPage = async (cursor: number | undefined): Promise<Page<string, number>> => {
    fetched.push(cursor ?? 0);
    return pages[cursor ?? 0] ?? { items: [] };
  };
  for await (const item of paged(fetchPage)) if (item === 'b') break;
  expect(fetched).toEqual([0]);
});

test('a listing can be read more than once and counts what it could not read', async () => {
  const listing = createListing<string>(async function* (skip) {
    yield 'a';
    skip();
    yield 'b';
  });
  expect(listing.unreadable).toBe(0);
  expect(await listing.all()).toEqual(['a', 'b']);
  expect(listing.unreadable).toBe(1);
  expect(await collect(listing)).toEqual(['a', 'b']);
  expect(listing.unreadable).toBe(1);
});

test('a listing reads nothing before it is asked, and lets its source clean up when the loop is left', async () => {
  const events: string[] = [];
  const listing = createListing<number>(async function* () {
    try {
      events.push('opened');
      yield 1;
      yield 2;
    } finally {
      events.push('closed');
    }
  });
  expect(events).toEqual([]);
  for await (const item of listing) if (item === 1) break;
  expect(events).toEqual(['opened', 'closed']);
});
