import { getEventListeners } from 'node:events';
import { onAbort } from './on-abort.js';

test('everybody is told once, through one listener', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const twice = (): number => told.push('twice');
  for (const act of [() => told.push('a'), twice, twice]) onAbort(controller.signal, act);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(told).toEqual(['a', 'twice', 'twice']);
});

test('who was forgotten is not told, even by the one told just before', () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort(controller.signal, () => {
    told.push('first');
    forget();
  });
  const forget = onAbort(controller.signal, () => told.push('forgotten'));
  onAbort(controller.signal, () => told.push('last'));
  controller.abort();
  expect(told).toEqual(['first', 'last']);
});

test('the listener goes with the last act, and comes back for the next', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const forget = [onAbort(controller.signal, () => told.push('a')), onAbort(controller.signal, () => told.push('b'))];
  forget.forEach((forgetIt) => forgetIt());
  forget.forEach((forgetIt) => forgetIt());
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  onAbort(controller.signal, () => told.push('c'));
  controller.abort();
  expect(told).toEqual(['c']);
});
