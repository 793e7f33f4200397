import type { CallOptions } from '../values/call.js';
import { onInterrupt } from './deadline.js';
import { inMilliseconds, type Duration } from './duration.js';
import { throwIfAborted, type Interruption } from './interruption.js';
import { startTimer } from './timer.js';

/** Waits for the time between two tries; rejects like every call when the signal aborts or the deadline passes. */
export async function delay(duration: Duration, options: CallOptions = {}, about: Interruption = {}): Promise<void> {
  const before: Interruption = { stateAfter: 'unchanged', ...about };
  throwIfAborted(options, before);
  await new Promise<void>((resolve, reject) => {
    const stop = onInterrupt(options, before, (error) => {
      stopTimer();
      reject(error);
    });
    const stopTimer = startTimer(new Date(Date.now() + inMilliseconds(duration)), () => {
      stop();
      resolve();
    });
  });
}
