import type { Connection } from '../connection.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { EventSink } from '../rpc/event-routes.js';
import type { Request } from '../rpc/request.js';
import type { XdrReader } from '../xdr/reader.js';
import { EventQueue } from './event-queue.js';
import type { EventGap } from './event-queue.js';

/** One kind of event: how the daemon is asked for it, and where it comes. */
export interface EventSource<E> {
  readonly program: number;
  readonly procedure: number;
  readonly register: (connection: Connection, options: CallOptions) => Promise<number>;
  readonly deregister: (connection: Connection, callbackId: number) => Promise<void>;
  readonly read: (reader: XdrReader) => E;
}

/** `signal` and `deadline` are for the registration; `close` ends the subscription. */
export interface EventOptions extends CallOptions {
  /**
   * Events that may wait for the consumer before further ones are dropped and a gap is told. Default 1024, and never
   * more than 16 MiB of them.
   */
  readonly queueLimit?: number;
}

/**
 * Events in the order in which the daemon sent them. Iterating ends with `close`, and fails with the connection's
 * error when that is lost; breaking out of a `for await` closes it.
 */
export interface EventStream<E> extends AsyncIterableIterator<E | EventGap> {
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const QUEUE_LIMIT = 1024;

/** Registers every source; resolves when the daemon has accepted them all, so that nothing later is missed. */
export async function subscribe<E>(
  connection: Connection,
  sources: readonly EventSource<E>[],
  options: EventOptions = {},
): Promise<EventStream<E>> {
  const queue = new EventQueue<E>(options.queueLimit ?? QUEUE_LIMIT);
  const open: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    queue.end(undefined);
    await Promise.all(open.splice(0).map((end) => end()));
  };
  try {
    await Promise.all(sources.map(async (source) => open.push(await listen(connection, source, queue, options))));
  } catch (error) {
    await close();
    throw error;
  }
  return streamOf(queue, close);
}

async function listen<E>(
  connection: Connection,
  source: EventSource<E>,
  queue: EventQueue<E>,
  options: CallOptions,
): Promise<() => Promise<void>> {
  const routes = connection.rpc.events;
  const sink: EventSink = {
    deliver(reader) {
      const bytes = reader.remaining;
      queue.push(source.read(reader), bytes);
    },
    // A connection that this program closed ends its events without an error.
    fail: (error) => queue.end(error.code === 'CANCELLED' ? undefined : error),
  };
  const deregister = (callbackId: number): Promise<void> =>
    source.deregister(connection, callbackId).catch(() => undefined);
  const hooked = withHooks(connection, {
    accepted: (callbackId) => routes.add(source.program, source.procedure, callbackId, sink),
    late: (callbackId) => void deregister(callbackId),
  });
  const answered = routes.expect();
  const callbackId = await source.register(hooked, options).finally(answered);
  return async () => {
    routes.remove(source.program, source.procedure, callbackId);
    await deregister(callbackId);
  };
}

interface RegistrationHooks {
  readonly accepted: (callbackId: number) => void;
  readonly late: (callbackId: number) => void;
}

/** The connection as a registration sees it: an event may follow its reply in the same packet, and must find its route. */
function withHooks(connection: Connection, hooks: RegistrationHooks): Connection {
  return {
    ...connection,
    call<T>(request: Request<T>, options?: CallOptions): Promise<T> {
      // Registrations answer with the callback id, a number; `subscribe` makes no other call on this connection.
      const accepted = (result: T): void => hooks.accepted(result as number);
      const late = (_: number, reader: XdrReader): void => hooks.late(reader.readInt32());
      return connection.call({ ...request, accepted, late }, options);
    },
  };
}

function streamOf<E>(queue: EventQueue<E>, close: () => Promise<void>): EventStream<E> {
  const stream: EventStream<E> = {
    next: () => queue.next(),
    async return() {
      await close();
      return { value: undefined, done: true };
    },
    close,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: close,
  };
  return stream;
}
