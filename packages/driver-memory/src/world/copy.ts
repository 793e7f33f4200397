function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value))
    return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
}

/**
 * A copy of plain data that shares nothing with it. Instead of `structuredClone`, whose objects belong to another realm
 * when a test runner gives each test file its own.
 */
export const copyOf = <T>(value: T): T => copy(value) as T;
