import type { Connection } from './connection.js';
import { domainAbortJob } from './gen/domain.gen.js';
import { LibvirtError } from './libvirt-error.js';
import type { Domain } from './objects.js';

const BETWEEN_TRIES_MILLISECONDS = 250;
const TRY_MILLISECONDS = 10_000;
const STOPPING_MILLISECONDS = 20_000;

/**
 * Runs a job of the domain and waits for its own end; when the signal aborts, the daemon is asked to stop the job until
 * it has ended. Asking once is not enough: a job that has not quite begun cannot be stopped yet. One that does not stop
 * for 20 s is waited for no longer (`DEADLINE_EXCEEDED`): QEMU cannot take back what it has written to a network that is
 * gone, and stops when TCP gives up, up to a quarter of an hour later.
 */
export async function withJobAbort<T>(
  connection: Connection,
  domain: Domain,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let ended = false;
  const { promise: impatience, reject } = withReject();
  const ask = (): void => {
    const within = { deadline: new Date(Date.now() + TRY_MILLISECONDS) };
    const again = (): void => {
      if (!ended) timer = setTimeout(ask, BETWEEN_TRIES_MILLISECONDS);
    };
    // Refused because there is no job yet, or no longer: the job's own end tells which.
    domainAbortJob(connection, domain, within).then(again, again);
  };
  const stop = (): void => {
    const text = `Job of domain ${domain.name} has not stopped within ${STOPPING_MILLISECONDS / 1000} s of being asked to. The daemon goes on stopping it; until then the domain takes no other job.`;
    patience = setTimeout(() => reject(new LibvirtError('DEADLINE_EXCEEDED', text)), STOPPING_MILLISECONDS);
    ask();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted) stop();
    return await Promise.race([run(), impatience]);
  } finally {
    ended = true;
    clearTimeout(timer);
    clearTimeout(patience);
    signal?.removeEventListener('abort', stop);
  }
}

function withReject(): { readonly promise: Promise<never>; reject(reason: unknown): void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, rejectIt) => (reject = rejectIt));
  return { promise, reject: (reason) => reject(reason) };
}
