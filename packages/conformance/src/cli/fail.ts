/** How the command ended. Documented in README.md. */
export const EXIT = {
  /** All cases passed, are known gaps or do not apply. */
  good: 0,
  /** A case failed, or a known gap is not in order. */
  failed: 1,
  /** The command line or a file named on it is wrong. */
  usage: 2,
  /** The driver could not be loaded or the endpoint could not be opened. */
  unavailable: 3,
} as const;

/** Ends the command with one line and this exit code. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
