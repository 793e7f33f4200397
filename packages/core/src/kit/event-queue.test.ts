import { getEventListeners } from 'node:events';
import { jest } from '@jest/globals';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { collect } from './sequence.js';

const gap = (dropped: number, last: string): string => `gap of ${dropped} up to ${last}`;
const make = (capacity = 10): EventQueue<string> => createEventQueue({ capacity, gap });

test('hands events on in order, those that wait and those that come', async () => {
  const { events, push } = make();
  push('a');
  push('b');
  expect((await events.next()).value).toBe('a');
  expect((await events.next()).value).toBe('b');
  const two = [events.next(), events.next()];
  push('c');
  push('d');
  expect((await Promise.all(two)).map(({ value }) => value)).toEqual(['c', 'd']);
});

test('tells what did not fit in one gap, and goes on', async () => {
  const { events, push, end } = make(2);
  for (const event of ['1', '2', '3', '4', '5', '6']) push(event);
  expect((await events.next()).value).toBe('gap of 4 up to 4');
  expect((await events.next()).value).toBe('5');
  push('7');
  end();
  expect(await collect(events)).toEqual(['6', '7']);
});

test('loses nothing as long as the capacity suffices', async () => {
  const { events, push, end } = make(1_000);
  const all = Array.from({ length: 1_000 }, (_, index) => `${index}`);
  for (const event of all) expect(push(event)).toBe(true);
  end();
  expect(await collect(events)).toEqual(all);
});

describe('the end', () => {
  test('comes after what waits, and to a reader who waits', async () => {
    const { events, push, end } = make();
    push('a');
    end();
    expect(push('late')).toBe(false);
    expect(await collect(events)).toEqual(['a']);
    const other = make();
    const waiting = other.events.next();
    other.end();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('with an error is told once, after what waits', async () => {
    const { events, push, fail, end } = make();
    push('a');
    fail(new Error('connection lost'));
    end();
    expect((await events.next()).value).toBe('a');
    await expect(events.next()).rejects.toThrow('connection lost');
    expect((await events.next()).done).toBe(true);
  });

  test('with an error reaches one of the readers who wait', async () => {
    const { events, fail } = make();
    const readers = [events.next(), events.next()];
    fail(new Error('connection lost'));
    await expect(readers[0]).rejects.toThrow('connection lost');
    await expect(readers[1]).resolves.toMatchObject({ done: true });
  });

  test('with an error that nobody reads is no unhandled rejection', async () => {
    make().fail(new Error('nobody is here'));
    await new Promise(setImmediate);
  });
});

describe('the source is let go of exactly once', () => {
  test('when the consumer leaves its loop', async () => {
    const onClose = jest.fn();
    const { events, push, end } = createEventQueue({ capacity: 5, gap, onClose });
    push('a');
    push('b');
    for await (const event of events) {
      expect(event).toBe('a');
      break;
    }
    expect(push('c')).toBe(false);
    expect((await events.next()).done).toBe(true);
    end();
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('when the signal aborts, which ends the iteration without error', async () => {
    const onClose = jest.fn();
    const controller = new AbortController();
    const { events, push } = createEventQueue({ capacity: 5, gap, onClose, signal: controller.signal });
    const seen = collect(events);
    push('a');
    await new Promise(setImmediate);
    controller.abort();
    expect(push('b')).toBe(false);
    expect(await seen).toEqual(['a']);
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('when the signal was aborted before', async () => {
    const onClose = jest.fn();
    const { events } = createEventQueue({ capacity: 5, gap, onClose, signal: AbortSignal.abort() });
    expect(await collect(events)).toEqual([]);
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('when the producer ends it, and no listener stays', () => {
    const { signal } = new AbortController();
    const onClose = jest.fn();
    const { end, fail } = createEventQueue({ capacity: 5, gap, onClose, signal });
    end();
    fail(new Error('too late'));
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test.each([0, -1, 1.5, Number.NaN])('a capacity of %p is refused', (capacity) => {
  expect(() => make(capacity)).toThrow(RangeError);
});
