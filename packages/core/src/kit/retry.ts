import { isDriverError, type DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import { createBackoff, type BackoffOptions } from './backoff.js';
import { deadlineIn, remaining, type BoundedCall } from './deadline.js';
import { delay } from './delay.js';
import type { Duration } from './duration.js';
import { throwIfAborted } from './interruption.js';

/** What to repeat, how often, how long. */
export interface RetryPolicy {
  /** Which retryable errors are worth another try. Default: {@link isBusy}. */
  readonly when?: (error: DriverError) => boolean;
  /** For how long, when the caller gave no deadline. Default: 30 seconds. */
  readonly within?: Duration;
  readonly backoff?: BackoffOptions;
  /** Told before each further try. */
  readonly onRetry?: (error: DriverError, wait: { readonly milliseconds: number }) => void;
}

// Less than this is not enough time for another call.
const TOO_LITTLE_MILLISECONDS = 10;

/** True when somebody else is working on the machine or volume and nothing was changed. */
export const isBusy = (error: unknown): error is DriverError =>
  isDriverError(error, 'MACHINE.BUSY', 'VOLUME.BUSY') && error.stateAfter === 'unchanged';

/**
 * Calls `attempt` again while it fails with a retryable error that the policy names, until the deadline. When there is
 * no time for another try, rejects with the last error, which says more than that time ran out.
 *
 * CONTRACT question 14 (busy?): the driver tells `MACHINE.BUSY` with who holds it; this is what waits.
 */
export async function retryWhile<T>(
  options: CallOptions,
  attempt: (options: CallOptions & Pick<BoundedCall, 'deadline'>) => Promise<T>,
  policy: RetryPolicy = {},
): Promise<T> {
  const { when = isBusy, within = { seconds: 30 } } = policy;
  const call = { ...options, deadline: options.deadline ?? deadlineIn(within) };
  const backoff = createBackoff(policy.backoff);
  throwIfAborted(call);
  for (;;) {
    try {
      return await attempt(call);
    } catch (error) {
      const left = remaining(call.deadline);
      if (!isDriverError(error) || !error.retryable || !when(error) || left < TOO_LITTLE_MILLISECONDS) throw error;
      // Never sleeps through the deadline: the closer it is, the shorter the wait.
      const wait = { milliseconds: Math.min(backoff.next().milliseconds, left / 2) };
      policy.onRetry?.(error, wait);
      await delay(wait, call);
    }
  }
}
