import type { ErrorCode } from '../errors/codes.js';
import { isDriverError } from '../errors/driver-error.js';

/**
 * For `catch`: errors with one of these codes come to `undefined`, since what is gone already needs nobody; others are
 * thrown on.
 */
export function undefinedOn(...codes: readonly [ErrorCode, ...ErrorCode[]]): (error: unknown) => undefined {
  return (error) => {
    if (isDriverError(error, ...codes)) return undefined;
    throw error;
  };
}
