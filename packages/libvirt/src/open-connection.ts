import { authenticate } from './auth/authenticate.js';
import type { Credentials } from './auth/mechanism.js';
import type { Connection } from './connection.js';
import { connectClose, connectOpen, connectSupportsFeature } from './gen/session.gen.js';
import { LibvirtError } from './libvirt-error.js';
import type { CallOptions } from './rpc/call-options.js';
import type { KeepAliveOptions } from './rpc/keep-alive.js';
import { RpcClient } from './rpc/rpc-client.js';
import { openTransport } from './transport/open-transport.js';
import { parseUri, withoutPassword } from './uri.js';
import type { LibvirtUri } from './uri.js';

export interface ConnectOptions extends CallOptions {
  /** Asks for a connection that cannot change anything. Default false. */
  readonly readOnly?: boolean;
  /**
   * For daemons that ask for a login (SASL). Never part of the URI, which ends up in logs. Without them, the host's
   * entry in libvirt's own auth.conf is used.
   */
  readonly credentials?: Credentials;
  /** Milliseconds until an attempt to connect is given up, when no deadline is set. Default 15 000. */
  readonly connectTimeout?: number;
  /** Milliseconds a call waits that has no deadline of its own and is not long by nature. Default 60 000. */
  readonly callTimeout?: number;
  /** How a silent daemon is found out. Default every 5 s, 5 times; false never asks. */
  readonly keepAlive?: KeepAliveOptions | false;
}

const CONNECT_TIMEOUT = 15_000;
const CALL_TIMEOUT = 60_000;
const CLOSE_TIMEOUT = 2_000;
const KEEP_ALIVE: KeepAliveOptions = { interval: 5_000, count: 5 };
const READ_ONLY = 1;
/** VIR_DRV_FEATURE_PROGRAM_KEEPALIVE: a daemon answers pings after it was asked for this. */
const FEATURE_KEEP_ALIVE = 10;

/**
 * Connects to a libvirt daemon.
 *
 * @param uri as libvirt writes them: `qemu:///system`, `test+unix:///default?socket=/path`, …
 * @throws LibvirtError CONNECT_FAILED, DEADLINE_EXCEEDED, CANCELLED, INVALID_ARGUMENT, or what the daemon answers.
 */
export async function openConnection(uri: string, options: ConnectOptions = {}): Promise<Connection> {
  const parsed = parseUri(uri);
  const deadline = options.deadline ?? new Date(Date.now() + (options.connectTimeout ?? CONNECT_TIMEOUT));
  const guard = limit(uri, deadline, options.signal);
  try {
    const transport = await openTransport(parsed, options.readOnly ?? false, guard.signal);
    const rpc = new RpcClient(transport, options.callTimeout ?? CALL_TIMEOUT);
    const connection = connectionOver(rpc, uri);
    try {
      await startSession(connection, parsed, options, { signal: guard.signal });
      return connection;
    } catch (error) {
      rpc.close();
      throw beforeOpen(error);
    }
  } catch (error) {
    throw guard.signal.aborted ? guard.signal.reason : error;
  } finally {
    guard.release();
  }
}

/** A connection that ends before it is open was never there: for ssh, this is how a refused login shows. */
function beforeOpen(error: unknown): unknown {
  if (!(error instanceof LibvirtError) || error.code !== 'CONNECTION_LOST') return error;
  return new LibvirtError('CONNECT_FAILED', error.message, { cause: error.cause });
}

async function startSession(
  connection: Connection,
  uri: LibvirtUri,
  options: ConnectOptions,
  call: CallOptions,
): Promise<void> {
  const context = {
    credentials: options.credentials,
    host: uri.host,
    authFile: uri.parameters.get('authfile'),
    wanted: uri.parameters.get('auth'),
    confidential: uri.transport !== 'tcp',
  };
  await authenticate(connection, context, call);
  const keepAlive = options.keepAlive ?? KEEP_ALIVE;
  const alive = keepAlive !== false && (await connectSupportsFeature(connection, FEATURE_KEEP_ALIVE, call)) === 1;
  await connectOpen(connection, uri.daemonUri, options.readOnly === true ? READ_ONLY : 0, call);
  if (alive) connection.rpc.startKeepAlive(keepAlive);
}

/** A signal for the whole attempt, whose reason is the error to throw. */
function limit(
  uri: string,
  deadline: Date,
  outer: AbortSignal | undefined,
): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const expired = new LibvirtError(
    'DEADLINE_EXCEEDED',
    `Connection to ${withoutPassword(uri)} was not open before its deadline. Is the daemon stopped?`,
  );
  const timer = setTimeout(() => controller.abort(expired), Math.max(0, deadline.getTime() - Date.now()));
  const onAbort = (): void =>
    controller.abort(
      new LibvirtError('CANCELLED', 'Connection attempt was cancelled by its signal.', { cause: outer?.reason }),
    );
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  const release = (): void => {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  };
  return { signal: controller.signal, release };
}

function connectionOver(rpc: RpcClient, uri: string): Connection {
  let closing: Promise<void> | undefined;
  const connection: Connection = {
    uri: withoutPassword(uri),
    rpc,
    closed: rpc.closed,
    call: (request, options) => rpc.call(request, options),
    close: () => (closing ??= close(connection)),
    [Symbol.asyncDispose]: () => connection.close(),
  };
  return connection;
}

/** Tells the daemon, but does not wait long for one that no longer answers. */
async function close(connection: Connection): Promise<void> {
  await connectClose(connection, { deadline: new Date(Date.now() + CLOSE_TIMEOUT) }).catch(() => undefined);
  connection.rpc.close();
}
