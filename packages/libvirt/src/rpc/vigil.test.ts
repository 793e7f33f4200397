import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Vigil } from './vigil.js';

let now = 0;
let turn: (() => void) | undefined;

// Jest's own clock knows whole milliseconds only.
beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  jest.spyOn(globalThis, 'setImmediate').mockImplementation(((callback: () => void) => {
    turn = callback;
    return {};
  }) as typeof setImmediate);
  jest.spyOn(globalThis, 'clearImmediate').mockImplementation(() => (turn = undefined));
});
afterEach(() => {
  jest.restoreAllMocks();
  turn = undefined;
});

const watches = () => turn !== undefined;

/** The event loop turns once, after so many milliseconds. */
function pass(milliseconds: number): void {
  now += milliseconds;
  const due = turn;
  turn = undefined;
  due?.();
}

/** Makes calls that follow each other and are answered after so many milliseconds; gives the milliseconds it watched. */
function converse(vigil: Vigil, calls: number, milliseconds: number): number {
  const step = milliseconds / 20;
  let watched = 0;
  for (let call = 0; call < calls; call++) {
    vigil.begin();
    for (let part = 0; part < 20; part++) {
      if (watches()) watched += step;
      pass(step);
    }
    vigil.heard();
    pass(0);
  }
  return watched;
}

test('watches for the reply to a call, and no longer', () => {
  const vigil = new Vigil(2);
  vigil.begin();
  expect(watches()).toBe(true);
  pass(0.04);
  expect(watches()).toBe(true);
  vigil.heard();
  pass(0.01);
  expect(watches()).toBe(false);
});

test('a reply that does not come soon is waited for asleep, and its kind is not watched for again soon', () => {
  const vigil = new Vigil(2);
  const calls = 1_000;
  const watched = converse(vigil, calls, 1);
  expect(watched).toBeGreaterThan(0);
  expect(watched).toBeLessThan(0.01 * calls);
});

test('calls that follow each other are watched for all at first, and for a tenth of the time in the long run', () => {
  const vigil = new Vigil(2);
  expect(converse(vigil, 60, 0.05)).toBeGreaterThan(2.9);
  const watched = converse(vigil, 20_000, 0.05);
  expect(watched).toBeGreaterThan(50);
  expect(watched).toBeLessThan(110);
});

test('watches no more once it has ended', () => {
  const vigil = new Vigil(2);
  vigil.begin();
  vigil.end();
  expect(watches()).toBe(false);
});

test('on one processor it leaves that to the daemon', () => {
  expect(converse(new Vigil(1), 100, 0.05)).toBe(0);
});
