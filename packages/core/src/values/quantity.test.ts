import {
  bitsPerSecond,
  bytes,
  gibibytes,
  hertz,
  kibibytes,
  mebibytes,
  nanoseconds,
  operationsPerSecond,
} from './quantity.js';

test.each([
  [bytes(1), 1n],
  [bytes(0), 0n],
  [kibibytes(1), 1_024n],
  [mebibytes(2), 2_097_152n],
  [gibibytes(20n), 21_474_836_480n],
  [bitsPerSecond(1_000), 1_000n],
  [operationsPerSecond(7), 7n],
  [hertz(2_400_000_000), 2_400_000_000n],
  [nanoseconds(5), 5n],
])('%p is %p', (made, expected) => {
  expect(made).toBe(expected);
});

test('is exact where a number would not be', () => {
  expect(bytes(2n ** 63n + 1n)).toBe(9_223_372_036_854_775_809n);
  expect(gibibytes(2 ** 40)).toBe(2n ** 70n);
});

test.each([-1, -1n, 0.5, Number.NaN, Infinity, 2 ** 53])('%p is no quantity', (value) => {
  expect(() => bytes(value)).toThrow(RangeError);
  expect(() => gibibytes(value)).toThrow(RangeError);
});

test('the message names the unit and the value', () => {
  expect(() => hertz(1.5)).toThrow('Hertz must be a whole number up to 2^53, or a bigint; got 1.5.');
});
