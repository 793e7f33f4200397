// Errors of Node and of other realms are not `instanceof` ours; their fields say what is needed.

/** A field of whatever was thrown. */
export const detailOf = (error: unknown, field: 'code' | 'stdout' | 'stderr' | 'cause'): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;

/** What was thrown, as a text. */
export function messageOf(error: unknown): string {
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined;
  return typeof message === 'string' ? message : String(error);
}

/** True when a file or folder was not there. */
export const isMissing = (error: unknown): boolean => detailOf(error, 'code') === 'ENOENT';
