import { DriverError, type ErrorDetails } from '../errors/driver-error.js';

/** A copy of the error with some details changed; the original becomes its cause unless another one is given. */
export function amendError(error: DriverError, changes: ErrorDetails & { readonly message?: string }): DriverError {
  const { message = error.message, ...details } = changes;
  const { retryable, stateAfter, subject, heldBy, missingPrivilege, condition, native } = error;
  return new DriverError(error.code, message, {
    retryable,
    stateAfter,
    ...(subject === undefined ? {} : { subject }),
    ...(heldBy === undefined ? {} : { heldBy }),
    ...(missingPrivilege === undefined ? {} : { missingPrivilege }),
    ...(condition === undefined ? {} : { condition }),
    ...(native === undefined ? {} : { native }),
    cause: error,
    ...details,
  });
}
