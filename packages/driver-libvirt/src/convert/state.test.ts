import { expect, it } from '@jest/globals';
import { nativeState, toState } from './state.js';

it.each([
  [1, 1, false, 'running'],
  [3, 1, false, 'paused'],
  [4, 0, false, 'running'],
  [5, 1, false, 'stopped'],
  [5, 3, false, 'failed'],
  [5, 5, true, 'saved'],
  [6, 1, false, 'failed'],
  [7, 0, false, 'paused'],
] as const)('state %i for reason %i, saved %s, is %s', (state, reason, saved, expected) => {
  expect(toState({ state, reason }, saved)).toBe(expected);
});

it('keeps the native word', () => {
  expect(nativeState({ state: 5, reason: 3 })).toEqual({ code: '5', message: 'shutoff (crashed)' });
  expect(nativeState({ state: 99, reason: 0 }).message).toBe('unknown');
});
