import { AssertionError } from 'node:assert';
import { inspect, types } from 'node:util';

const keysOf = (value: object): readonly string[] =>
  Object.keys(value).filter((key) => Reflect.get(value, key) !== undefined);

function sameSets(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

function sameObjects(a: object, b: object): boolean {
  if (types.isDate(a) || types.isDate(b)) return types.isDate(a) && types.isDate(b) && a.getTime() === b.getTime();
  if (types.isSet(a) || types.isSet(b)) return types.isSet(a) && types.isSet(b) && sameSets(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  const keys = keysOf(a);
  return keys.length === keysOf(b).length && keys.every((key) => sameData(Reflect.get(a, key), Reflect.get(b, key)));
}

/**
 * True for equal plain data. Unlike the platform's own comparison this asks nothing about prototypes: test runners give
 * each file classes of its own, and data that was cloned or came from a worker has others. An absent member equals an
 * undefined one.
 */
export function sameData(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  return sameObjects(a, b);
}

/** Fails unless both are equal data. */
export function expectEqual(actual: unknown, expected: unknown, message?: string): void {
  if (sameData(actual, expected)) return;
  const shown = (value: unknown): string => inspect(value, { depth: 6, breakLength: Infinity, maxStringLength: 200 });
  const detail = `expected ${shown(expected)}, got ${shown(actual)}`;
  throw new AssertionError({
    message: message === undefined ? detail : `${message}: ${detail}`,
    stackStartFn: expectEqual,
  });
}
