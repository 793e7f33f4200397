import { expect, test } from '@jest/globals';
import { narrowings } from './narrowings.js';

const named = (...args: Parameters<typeof narrowings>): readonly string[] =>
  narrowings(...args).map(({ capability }) => capability);

test('a vCenter has everything, with ports for serial consoles', () => {
  expect(named({ serialPorts: { first: 2000, last: 2010 } }, { isCenter: true })).toEqual([]);
  expect(named({}, { isCenter: true })).toEqual(['consoles.serial']);
});

test('a single host has what needs no other', () => {
  expect(named({}, { isCenter: false })).toEqual([
    'consoles.serial',
    'migration',
    'maintenance.evacuate',
    'encryption',
  ]);
});
