/**
 * The system's code of an error (`ENOENT` …), if it has one. By structure: an error from another realm is no
 * `instanceof Error` here.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** For `.catch`: a file that is not there is no error but nothing. */
export function missingIsUndefined(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
}
