/** What is known about the remote state after a failed call. */
export type StateAfter = 'unchanged' | 'partial' | 'unknown';

/** What holds for every error with a code, unless the thrower knows better. */
export interface CodeTraits {
  /** Whether the same call may succeed later without anybody changing the request. */
  readonly retryable: boolean;
  /** What holds unless the thrower knows better. */
  readonly stateAfter: StateAfter;
}

const final = { retryable: false, stateAfter: 'unchanged' } as const;
const later = { retryable: true, stateAfter: 'unchanged' } as const;
const unsure = { retryable: true, stateAfter: 'unknown' } as const;

/**
 * The closed set of error codes, each with its defaults. What each means and what to do is in docs/errors.md, which is
 * checked against this table.
 */
export const ERROR_CODES = {
  'REQUEST.INVALID': final,
  'REQUEST.CONFLICT': final,
  'CALL.CANCELLED': { retryable: false, stateAfter: 'unknown' },
  'CALL.DEADLINE_EXCEEDED': unsure,
  'CAPABILITY.ABSENT': final,
  'CAPABILITY.CONDITION_UNMET': final,
  'ACCESS.DENIED': final,
  'ACCESS.UNAUTHENTICATED': final,
  'HOST.NOT_FOUND': final,
  'HOST.UNREACHABLE': later,
  'HOST.CONNECTION_LOST': unsure,
  'HOST.NOT_ENOUGH_RESOURCES': later,
  'HOST.WRONG_STATE': final,
  'HOST.FAILED': { retryable: false, stateAfter: 'unknown' },
  'MACHINE.NOT_FOUND': final,
  'MACHINE.EXISTS': final,
  'MACHINE.BUSY': later,
  'MACHINE.WRONG_STATE': final,
  'RECORD.CONFLICT': final,
  'RECORD.TOO_LARGE': final,
  'POOL.NOT_FOUND': final,
  'POOL.FULL': later,
  'POOL.UNAVAILABLE': later,
  'VOLUME.NOT_FOUND': final,
  'VOLUME.EXISTS': final,
  'VOLUME.IN_USE': final,
  'VOLUME.BUSY': later,
  'VOLUME.CANNOT_SHRINK': final,
  'DISK.NOT_FOUND': final,
  'DISK.CONFLICT': final,
  'DISK.LIMIT_REACHED': final,
  'DISK.DETACH_REFUSED': later,
  'NETWORK.NOT_FOUND': final,
  'NIC.NOT_FOUND': final,
  'NIC.CONFLICT': final,
  'NIC.LIMIT_REACHED': final,
  'SNAPSHOT.NOT_FOUND': final,
  'SNAPSHOT.EXISTS': final,
  'SNAPSHOT.BLOCKS': final,
  'CONSOLE.UNAVAILABLE': final,
  'CONSOLE.IN_USE': later,
  'GUEST.UNAVAILABLE': later,
  'GUEST.REFUSED': final,
  'IMAGE.NOT_FOUND': final,
  'IMAGE.FORMAT_MISMATCH': final,
  'IMAGE.CHECKSUM_MISMATCH': final,
  'IMAGE.UNSAFE': final,
  'IMAGE.TOO_LARGE': final,
  'IMAGE.CORRUPT': final,
  'MIGRATION.INCOMPATIBLE': final,
  'MIGRATION.TICKET_INVALID': final,
  'MIGRATION.FAILED': later,
  'TASK.NOT_FOUND': final,
  'DRIVER.NOT_FOUND': final,
  'DRIVER.INCOMPATIBLE': final,
  'DRIVER.INVALID': final,
  'DRIVER.NOT_APPROVED': final,
  'DRIVER.CLOSED': final,
  'DRIVER.FAULT': { retryable: false, stateAfter: 'unknown' },
} as const satisfies Record<string, CodeTraits>;

/** Dotted code of an error: what it is about, then what is wrong. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Defaults of a code. */
export const traitsOf = (code: ErrorCode): CodeTraits => ERROR_CODES[code];

/** True for a text that is one of the closed set. */
export const isErrorCode = (text: unknown): text is ErrorCode =>
  typeof text === 'string' && Object.hasOwn(ERROR_CODES, text);
