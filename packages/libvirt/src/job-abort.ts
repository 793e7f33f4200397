import type { Connection } from './connection.js';
import { domainAbortJob } from './gen/domain.gen.js';
import type { Domain } from './objects.js';

const BETWEEN_TRIES_MILLISECONDS = 250;
const TRY_MILLISECONDS = 10_000;

/**
 * Runs a job of the domain and waits for its own end; when the signal aborts, the daemon is asked to stop the job until
 * it has ended. Asking once is not enough: a job that has not quite begun cannot be stopped yet.
 */
export async function withJobAbort<T>(
  connection: Connection,
  domain: Domain,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const ask = (): void => {
    const within = { deadline: new Date(Date.now() + TRY_MILLISECONDS) };
    const again = (): void => {
      if (!ended) timer = setTimeout(ask, BETWEEN_TRIES_MILLISECONDS);
    };
    // Refused because there is no job yet, or no longer: the job's own end tells which.
    domainAbortJob(connection, domain, within).then(again, again);
  };
  signal?.addEventListener('abort', ask, { once: true });
  try {
    if (signal?.aborted) ask();
    return await run();
  } finally {
    ended = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', ask);
  }
}
