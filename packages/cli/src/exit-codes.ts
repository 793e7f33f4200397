import { isDriverError, type ErrorCode } from '@virt-drivers/core';

/** What `virt` tells its caller by its exit code. Documented in the README. */
export const EXIT = {
  ok: 0,
  /** Something failed that fits nothing below. */
  failed: 1,
  /** The command line or the input was wrong; nothing was changed. */
  usage: 2,
  notFound: 3,
  /** In use, busy, wrong state, or exists already. */
  conflict: 4,
  unreachable: 5,
  denied: 6,
  /** The image gate refused the image. */
  imageRefused: 7,
  timeout: 8,
  /** Interrupted by the user. */
  interrupted: 130,
} as const;

/** Ends the program with an exit code of the command's own; everything was said already. */
export class Ended extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}

const BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  'REQUEST.INVALID': EXIT.usage,
  'CAPABILITY.ABSENT': EXIT.usage,
  'CAPABILITY.CONDITION_UNMET': EXIT.usage,
  'CALL.DEADLINE_EXCEEDED': EXIT.timeout,
  'CALL.CANCELLED': EXIT.interrupted,
  'HOST.UNREACHABLE': EXIT.unreachable,
  'HOST.CONNECTION_LOST': EXIT.unreachable,
  'ACCESS.DENIED': EXIT.denied,
  'ACCESS.UNAUTHENTICATED': EXIT.denied,
  'DRIVER.NOT_APPROVED': EXIT.denied,
};

/** The exit code for whatever ended a command. */
export function exitCodeOf(error: unknown): number {
  if (!isDriverError(error)) return EXIT.failed;
  const { code } = error;
  const exact = BY_CODE[code];
  if (exact !== undefined) return exact;
  if (code === 'IMAGE.NOT_FOUND' || code.endsWith('.NOT_FOUND')) return EXIT.notFound;
  if (code.startsWith('IMAGE.')) return EXIT.imageRefused;
  const conflicts = [
    '.BUSY',
    '.EXISTS',
    '.IN_USE',
    '.CONFLICT',
    '.WRONG_STATE',
    '.BLOCKS',
    '.LIMIT_REACHED',
    '.CANNOT_SHRINK',
  ];
  return conflicts.some((ending) => code.endsWith(ending)) ? EXIT.conflict : EXIT.failed;
}
