import type { Condition } from '../driver/capabilities.js';
import type { NativeDetail } from '../values/native-detail.js';
import { isErrorCode, traitsOf, type ErrorCode, type StateAfter } from './codes.js';

// Shared through the global symbol registry, so that the ESM and the CommonJS copy of this package agree.
const brand = Symbol.for('@virt-drivers/core/DriverError');

/** Everything about an error that is not its code and message. */
export interface ErrorDetails {
  /** Overrides the code's default. */
  readonly retryable?: boolean;
  /** Overrides the code's default. */
  readonly stateAfter?: StateAfter;
  /** Id of the thing that the error is about. */
  readonly subject?: string;
  /** Who stands in the way: the task or snapshot or machine that blocks, if known. */
  readonly heldBy?: string;
  /** The privilege or group that is missing, for `ACCESS.DENIED`. */
  readonly missingPrivilege?: string;
  /** The unmet condition, for `CAPABILITY.CONDITION_UNMET`. */
  readonly condition?: Condition;
  readonly native?: NativeDetail;
  readonly cause?: unknown;
}

/**
 * The one error type of the contract. Recognise it with {@link isDriverError}, not with `instanceof`, and branch on
 * `code`. The message is a sentence with the subject first that says what to do; it never contains a secret.
 */
export class DriverError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly stateAfter: StateAfter;
  // Declared only: a field that was not given is not there, rather than undefined.
  declare readonly subject?: string;
  declare readonly heldBy?: string;
  declare readonly missingPrivilege?: string;
  declare readonly condition?: Condition;
  declare readonly native?: NativeDetail;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const traits = traitsOf(code);
    this.name = 'DriverError';
    this.code = code;
    this.retryable = details.retryable ?? traits.retryable;
    this.stateAfter = details.stateAfter ?? traits.stateAfter;
    if (details.subject !== undefined) this.subject = details.subject;
    if (details.heldBy !== undefined) this.heldBy = details.heldBy;
    if (details.missingPrivilege !== undefined) this.missingPrivilege = details.missingPrivilege;
    if (details.condition !== undefined) this.condition = details.condition;
    if (details.native !== undefined) this.native = details.native;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Plain data for logs and `--output json`; without the cause, which may hold anything. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, retryable, stateAfter, subject, heldBy, missingPrivilege, condition, native } = this;
    return { name, code, message, retryable, stateAfter, subject, heldBy, missingPrivilege, condition, native };
  }
}

/** True for errors of this contract, whichever copy of the package made them. */
export function isDriverError(error: unknown): error is DriverError;
/** True for errors of this contract with one of the codes given. */
export function isDriverError(error: unknown, ...codes: readonly ErrorCode[]): error is DriverError;
export function isDriverError(error: unknown, ...codes: readonly ErrorCode[]): error is DriverError {
  if (typeof error !== 'object' || error === null || !(brand in error) || !('code' in error)) return false;
  return isErrorCode(error.code) && (codes.length === 0 || codes.includes(error.code));
}
