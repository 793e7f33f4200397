import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import { deadlineIn, throwIfAborted, type Duration } from '@virt-drivers/core/kit';
import { connect, isVsphereError, type Vsphere } from '@virt-drivers/vsphere';
import { readCredentials } from './credentials.js';
import { toDriverError, type About } from './errors.js';
import type { CheckedOptions } from './options.js';
import type { Target } from './target.js';

/** How a call uses the connection. */
export interface CallKind extends About {
  /** How long it may take when the caller gives no deadline; default 60 seconds. */
  readonly within?: Duration;
}

/** Options that certainly have a deadline. */
export type Bounded = CallOptions & { readonly deadline: Date };

/** One or several calls to the server, under signal and deadline. */
export type NativeCall<T> = (vsphere: Vsphere, call: Bounded) => Promise<T>;

/** The driver's way to one server: the only owner of the client. */
export interface Center {
  readonly content: Vsphere['content'];
  /**
   * Makes calls with a deadline and maps their errors. A change is not interrupted by the signal once it was sent: it
   * is quick, and waiting tells what became of it.
   */
  call<T>(kind: CallKind, options: CallOptions, run: NativeCall<T>): Promise<T>;
  /** The same for what is read piece by piece: errors of every step are mapped. */
  stream<T>(
    kind: CallKind,
    options: CallOptions,
    run: (vsphere: Vsphere, call: Bounded) => AsyncIterable<T>,
  ): AsyncGenerator<T>;
  /** What goes on for as long as its own signal lets it: without a deadline. */
  watch<T>(kind: CallKind, run: (vsphere: Vsphere) => AsyncIterable<T>): AsyncGenerator<T>;
  close(): Promise<void>;
}

const USUAL: Duration = { seconds: 60 };

/** Logs in. Errors: `HOST.UNREACHABLE`, `ACCESS.UNAUTHENTICATED`, `ACCESS.DENIED`, `REQUEST.INVALID`. */
export async function openCenter(target: Target, options: CheckedOptions, call: CallOptions): Promise<Center> {
  const { credentials, secrets } = await readCredentials(options, target);
  const about: About = { what: `Host ${target.host}`, subject: target.host, reads: true, secrets };
  const deadline = call.deadline ?? deadlineIn({ seconds: options.connectSeconds ?? 30 });
  throwIfAborted(call, { what: `Opening ${target.host}` });
  const vsphere = await connect({
    url: target.url,
    credentials,
    ...(options.tls && { tls: options.tls }),
    userAgent: 'virt-drivers',
    ...call,
    deadline,
  }).catch((error: unknown) => {
    throw unreachable(toDriverError(error, about), target);
  });
  return centerOver(vsphere, target);
}

function centerOver(vsphere: Vsphere, target: Target): Center {
  let closed = false;
  const failed = (error: unknown, kind: CallKind): unknown => {
    if (closed && (isVsphereError(error) || isDriverError(error, 'ACCESS.UNAUTHENTICATED')))
      return new DriverError('DRIVER.CLOSED', `Driver for ${target.host} was closed during the call.`, {
        cause: error,
        stateAfter: kind.reads ? 'unchanged' : 'unknown',
      });
    return toDriverError(error, kind);
  };
  const bound = ({ signal, deadline }: CallOptions, kind: CallKind): Bounded => ({
    ...(signal && kind.reads && { signal }),
    deadline: deadline ?? deadlineIn(kind.within ?? USUAL),
  });
  return {
    content: vsphere.content,
    async call(kind, options, run) {
      throwIfAborted(options, { what: kind.what, stateAfter: 'unchanged' });
      try {
        return await run(vsphere, bound(options, kind));
      } catch (error) {
        throw failed(error, kind);
      }
    },
    async *stream(kind, options, run) {
      throwIfAborted(options, { what: kind.what, stateAfter: 'unchanged' });
      try {
        yield* run(vsphere, bound(options, { ...kind, reads: true }));
      } catch (error) {
        throw failed(error, kind);
      }
    },
    async *watch(kind, run) {
      try {
        yield* run(vsphere);
      } catch (error) {
        throw failed(error, kind);
      }
    },
    async close() {
      closed = true;
      await vsphere.close();
    },
  };
}

/** Nothing at all answered: that is what people want to hear, not how the wait ended. */
function unreachable(error: unknown, { host }: Target): unknown {
  if (!isDriverError(error, 'CALL.DEADLINE_EXCEEDED')) return error;
  return new DriverError(
    'HOST.UNREACHABLE',
    `Host ${host} does not answer. Check that it runs and that the target is right.`,
    {
      subject: host,
      cause: error,
    },
  );
}
