import { DriverError, type CallOptions } from '@virt-drivers/core';
import { amendError, deadlineIn, throwIfAborted, type Duration } from '@virt-drivers/core/kit';
import { isDriverError } from '@virt-drivers/core';
import { setMaxListeners } from 'node:events';
import { openConnection, type Connection } from '@virt-drivers/libvirt';
import { toDriverError, type About } from './errors.js';
import { createInFlight } from './in-flight.js';

/** How a call uses the connection. */
export interface CallKind extends About {
  /** How long it may take, from its turn, when the caller gives no deadline; default 30 seconds. */
  readonly within?: Duration;
  /** Occupies one of the daemon's workers for long. */
  readonly long?: boolean;
}

/** One call to the daemon, under signal and deadline. */
export type NativeCall<T> = (connection: Connection, call: CallOptions & { readonly deadline: Date }) => Promise<T>;

/** The driver's way to one daemon: the only owner of connections. */
export interface Daemon {
  /** Makes a call with a deadline and maps its error. After the connection was lost the next call opens a new one. */
  call<T>(kind: CallKind, options: CallOptions, run: NativeCall<T>): Promise<T>;
  /** The connection that calls use now, for subscriptions; rejects like a call. */
  current(options: CallOptions): Promise<Connection>;
  /**
   * A connection of its own for a stream: a reader that is slow stops everything on the connection of its stream.
   * The caller closes it; `close` closes it too.
   */
  dedicated(options: CallOptions): Promise<Connection>;
  close(): Promise<void>;
}

// libvirtd reads no further message from a client with 5 requests in work, so one place is kept free for what is short:
// https://libvirt.org/daemons.html (max_client_requests)
const LONG_CALLS = 4;
const SHORT_CALLS = 64;

/** Opens the first connection. Errors: `HOST.UNREACHABLE`, `ACCESS.DENIED`, `ACCESS.UNAUTHENTICATED`, `REQUEST.INVALID`. */
export async function openDaemon(target: string, connect: Duration, options: CallOptions): Promise<Daemon> {
  const connections = new Set<Connection>();
  const long = createInFlight(LONG_CALLS);
  const short = createInFlight(SHORT_CALLS);
  let closed = false;
  let current: Promise<Connection> | undefined;

  const open = async (call: CallOptions): Promise<Connection> => {
    if (closed) throw new DriverError('DRIVER.CLOSED', `Driver for ${target} was closed; open it again.`);
    throwIfAborted(call);
    const connection = await openOne(target, { ...call, deadline: earlier(call.deadline, deadlineIn(connect)) });
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
    if (closed) await connection.close();
    return connection;
  };

  const main = (call: CallOptions): Promise<Connection> => {
    if (current) return current;
    const opening = open({ ...(call.deadline && { deadline: call.deadline }) });
    current = opening;
    const forget = (): void => {
      if (current === opening) current = undefined;
    };
    opening.then((connection) => connection.closed.then(forget), forget);
    return opening;
  };

  await main(options);

  return {
    async call(kind, call, run) {
      throwIfAborted(call, { what: kind.what, stateAfter: 'unchanged' });
      const own = quiet(call);
      return (kind.long ? long : short).run(own, async () => {
        // Counted from its turn: fifty machines that are started at once are no reason to give up the last.
        const bounded = { ...own, deadline: call.deadline ?? deadlineIn(kind.within ?? { seconds: 30 }) };
        const connection = await main(bounded);
        try {
          return await run(connection, isQuickChange(kind) ? { deadline: bounded.deadline } : bounded);
        } catch (error) {
          throw closed ? closedError(target, error) : toDriverError(error, kind);
        }
      });
    },
    current: main,
    dedicated: open,
    async close() {
      closed = true;
      await Promise.all([...connections].map((connection) => connection.close()));
    },
  };
}

const derived = new WeakMap<AbortSignal, AbortSignal>();

/** One listener on the caller's signal however many calls share it: Node warns of more than ten. */
function quiet(options: CallOptions): CallOptions {
  const { signal } = options;
  if (!signal) return options;
  const own = derived.get(signal) ?? AbortSignal.any([signal]);
  setMaxListeners(0, own);
  derived.set(signal, own);
  return { ...options, signal: own };
}

/** Too late to cancel once it is sent: waiting these milliseconds tells what became of it, giving up does not. */
const isQuickChange = ({ reads, long }: CallKind): boolean => reads !== true && long !== true;

const earlier = (a: Date | undefined, b: Date): Date => (a && a < b ? a : b);

const closedError = (target: string, cause: unknown): DriverError =>
  new DriverError('DRIVER.CLOSED', `Driver for ${target} was closed during the call.`, {
    cause,
    stateAfter: 'unknown',
  });

async function openOne(target: string, options: CallOptions & { readonly deadline: Date }): Promise<Connection> {
  try {
    return await openConnection(target, options);
  } catch (error) {
    throw explain(toDriverError(error, { what: `Host ${withoutQuery(target)}`, subject: target, reads: true }), target);
  }
}

/** Says what a person can do about the two usual reasons why a local daemon is not reached. */
function explain(error: unknown, target: string): unknown {
  if (!isDriverError(error)) return error;
  const reason = reasonOf(error);
  if (
    reason === 'EACCES' ||
    reason === 'EPERM' ||
    error.code === 'ACCESS.DENIED' ||
    error.code === 'ACCESS.UNAUTHENTICATED'
  ) {
    const missingPrivilege = 'group libvirt, or the polkit action org.libvirt.unix.manage';
    const message =
      `Host ${withoutQuery(target)} refuses this account. Add it to the group "libvirt" (then log in again), or allow ` +
      'the polkit action org.libvirt.unix.manage.';
    const code = error.code === 'ACCESS.UNAUTHENTICATED' ? error.code : 'ACCESS.DENIED';
    return new DriverError(code, message, {
      subject: target,
      missingPrivilege,
      cause: error,
      ...(error.native && { native: error.native }),
    });
  }
  if (error.code === 'CALL.DEADLINE_EXCEEDED')
    return unreachable(error, target, 'does not answer. It may be stopped; look at its process.');
  if (error.code !== 'HOST.UNREACHABLE') return error;
  const missing = reason === 'ENOENT' || reason === 'ECONNREFUSED';
  const hint = missing
    ? 'is not there: the daemon does not run. Start it (systemctl start libvirtd, or virtqemud) or correct the target.'
    : 'cannot be reached. Check that the daemon runs and that the target is right.';
  return unreachable(error, target, hint);
}

const unreachable = (error: DriverError, target: string, hint: string): DriverError =>
  amendError(
    new DriverError('HOST.UNREACHABLE', error.message, { cause: error, ...(error.native && { native: error.native }) }),
    {
      message: `Host ${withoutQuery(target)} ${hint}`,
      subject: target,
    },
  );

/** The system's word for what failed, from the causes. */
function reasonOf(error: unknown): string | undefined {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    if ('code' in at && typeof at.code === 'string' && /^E[A-Z]+$/.test(at.code)) return at.code;
  }
  return undefined;
}

const withoutQuery = (target: string): string =>
  target.replace(/\/\/[^/@]*@/, '//').replace(/([?&](?!socket=)[^=]*)=[^&]*/g, '$1=…');
