import { DriverError, isDriverError } from '../errors/driver-error.js';
import { onInterrupt } from '../kit/deadline.js';
import { throwIfAborted } from '../kit/interruption.js';
import type { CallOptions } from '../values/call.js';

// How long a driver has, after its caller gave up, to undo what it began and say what became of the call.
const GRACE_MILLISECONDS = 5_000;

/** Turns whatever a driver threw into an error of the contract. */
export function asDriverError(error: unknown, member: string): DriverError {
  if (isDriverError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new DriverError(
    'DRIVER.FAULT',
    `${member} failed in the driver itself: ${text}. Please report it with the cause.`,
    {
      cause: error,
    },
  );
}

/**
 * Runs one call of a driver so that it certainly settles: not at all when it was aborted before, by itself when the
 * driver honours signal and deadline, and by force a moment later when it does not.
 */
export async function guardCall<T>(member: string, options: CallOptions, run: () => Promise<T>): Promise<T> {
  throwIfAborted(options, { what: member, stateAfter: 'unchanged' });
  let stop = (): void => undefined;
  let grace: NodeJS.Timeout | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = onInterrupt(options, { what: member, stateAfter: 'unknown' }, (error) => {
      grace = setTimeout(() => reject(error), GRACE_MILLISECONDS);
    });
  });
  try {
    return await Promise.race([run(), interrupted]);
  } catch (error) {
    throw asDriverError(error, member);
  } finally {
    stop();
    clearTimeout(grace);
  }
}
