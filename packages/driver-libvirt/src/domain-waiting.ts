import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import { abortable } from '@virt-drivers/core/kit';
import type { Domain } from '@virt-drivers/libvirt';
import type { EventHub } from './event-hub.js';

/**
 * Acts, and waits until the condition holds: it is looked at after the act and again whenever the daemon tells
 * something of the domain, for which we listen since before the act. Resolves to whether it came to hold in time.
 */
export async function waitForDomain(
  hub: EventHub,
  domain: Domain,
  options: CallOptions & { readonly deadline: Date },
  holds: () => Promise<boolean>,
  act: () => Promise<unknown>,
): Promise<boolean> {
  let happened = deferred();
  const stop = await hub.listen(
    {
      domain: (event) => event.domain.uuid === domain.uuid && happened.resolve(),
      gap: () => happened.resolve(),
      lost: () =>
        happened.reject(
          new DriverError(
            'HOST.CONNECTION_LOST',
            `Host went away while machine ${domain.uuid} was waited for. Look at it again.`,
          ),
        ),
    },
    options,
  );
  try {
    await act();
    for (;;) {
      const next = happened.promise;
      if (await holds()) return true;
      await abortable(next, options, { what: `Waiting for machine ${domain.uuid}` });
      happened = deferred();
    }
  } catch (error) {
    if (isDriverError(error, 'CALL.DEADLINE_EXCEEDED') && !options.signal?.aborted) return false;
    throw error;
  } finally {
    stop();
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function deferred(): Deferred {
  let resolve = (): void => undefined;
  let reject = (_: Error): void => undefined;
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle));
  // It may be settled before anybody waits, or when nobody does any more.
  promise.catch(() => undefined);
  return { promise, resolve: () => resolve(), reject: (error) => reject(error) };
}
