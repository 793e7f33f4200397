import { expect, it } from '@jest/globals';
import { LibvirtError } from '../libvirt-error.js';
import { EventQueue } from './event-queue.js';

const value = async (queue: EventQueue<number>): Promise<unknown> => (await queue.next()).value;

it('hands events over in order, whether they wait or are waited for', async () => {
  const queue = new EventQueue<number>(2);
  queue.push(1);
  queue.push(2);
  expect([await value(queue), await value(queue)]).toEqual([1, 2]);
  const waiting = [value(queue), value(queue)];
  queue.push(3);
  queue.push(4);
  expect(await Promise.all(waiting)).toEqual([3, 4]);
});

it('tells where events were lost, and how many', async () => {
  const queue = new EventQueue<number>(2);
  for (const event of [1, 2, 3, 4, 5]) queue.push(event);
  expect(await value(queue)).toBe(1);
  queue.push(6);
  expect([await value(queue), await value(queue), await value(queue)]).toEqual([2, { kind: 'gap', dropped: 3 }, 6]);
});

it('tells of a loss at the end too', async () => {
  const queue = new EventQueue<number>(1);
  queue.push(1);
  queue.push(2);
  queue.end(undefined);
  expect([await value(queue), await value(queue)]).toEqual([1, { kind: 'gap', dropped: 1 }]);
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});

it('delivers what it has before it fails', async () => {
  const queue = new EventQueue<number>(2);
  const error = new LibvirtError('CONNECTION_LOST', 'Gone.');
  queue.push(1);
  queue.end(error);
  expect(await value(queue)).toBe(1);
  await expect(queue.next()).rejects.toBe(error);
  await expect(queue.next()).rejects.toBe(error);
});
