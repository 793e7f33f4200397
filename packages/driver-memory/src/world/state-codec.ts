import type { WorldState } from './state.js';

// JSON knows neither bigint nor Date; each is kept as an object with one telling key.
const encodeValue = function (this: unknown, key: string, value: unknown): unknown {
  // JSON.stringify has called Date's toJSON already, so the original is looked at.
  const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
  if (typeof original === 'bigint') return { $bigint: String(original) };
  if (original instanceof Date) return { $date: original.toISOString() };
  return value;
};

const decodeValue = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('$bigint' in value) return BigInt(String(value.$bigint));
  if ('$date' in value) return new Date(String(value.$date));
  return value;
};

/** Plain data as text, bigints and dates included. */
export const encodeJson = (value: unknown): string => JSON.stringify(value, encodeValue);

/** The state as text. */
export const encodeState = (state: WorldState): string => encodeJson(state);

/** The state of such a text. Throws when it is not the text of a world of this version. */
export function decodeState(text: string): WorldState {
  const value: unknown = JSON.parse(text, decodeValue);
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) {
    throw new Error('It is not a world of version 1.');
  }
  // Written by encodeState alone; the version says which shape.
  return value as WorldState;
}
