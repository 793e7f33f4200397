import { DriverError, type CallOptions } from '@virt-drivers/core';
import {
  domainEvents,
  isLibvirtError,
  storagePoolEvents,
  type Connection,
  type EventStream,
  type StoragePoolEvent,
} from '@virt-drivers/libvirt';
import type { Daemon } from './connection.js';
import { EVENT_KINDS, type WatchedEvent } from './convert/event.js';
import { toDriverError } from './errors.js';

/** Hears what happens on the endpoint, in the daemon's order. */
export interface Listener {
  domain?(event: WatchedEvent): void;
  pool?(event: StoragePoolEvent): void;
  /** Events were lost here. */
  gap?(): void;
  /** The connection is gone: nothing more will be heard. */
  lost?(): void;
}

/**
 * One subscription for all who listen.
 * QUIRK(libvirt 9.0): a second registration of the same kind on one connection is refused as "already tracked".
 */
export interface EventHub {
  /** Resolves when listening is active; call the result to stop. Errors: `HOST.CONNECTION_LOST`, `HOST.UNREACHABLE`. */
  listen(listener: Listener, options: CallOptions): Promise<() => void>;
}

/** The subscriptions of one connection. */
interface Subscription {
  readonly connection: Connection;
  readonly active: Promise<void>;
  readonly listeners: Set<Listener>;
}

export function createEventHub(daemon: Daemon): EventHub {
  let current: Subscription | undefined;

  const subscribe = (connection: Connection): Subscription => {
    const listeners = new Set<Listener>();
    const subscription: Subscription = { connection, listeners, active: start(connection, listeners) };
    void connection.closed.then(() => {
      if (current === subscription) current = undefined;
      for (const listener of listeners) listener.lost?.();
      listeners.clear();
    });
    return subscription;
  };

  return {
    async listen(listener, options) {
      const connection = await daemon.current(options);
      if (current?.connection !== connection) current = subscribe(connection);
      const subscription = current;
      try {
        await subscription.active;
      } catch (error) {
        if (current === subscription) current = undefined;
        throw toDriverError(error, { what: 'Host', reads: true });
      }
      // Who is added now would hear nothing, and not learn of the end.
      if (current !== subscription)
        throw new DriverError('HOST.CONNECTION_LOST', 'Host went away while it was to be listened to. Try again.');
      subscription.listeners.add(listener);
      return () => void subscription.listeners.delete(listener);
    },
  };
}

async function start(connection: Connection, listeners: ReadonlySet<Listener>): Promise<void> {
  const tell = (how: (listener: Listener) => void): void => {
    for (const listener of [...listeners]) how(listener);
  };
  const domains = await domainEvents(connection, EVENT_KINDS);
  void pump(domains, tell, (listener, event) => listener.domain?.(event));
  const pools = await storagePoolEvents(connection).catch((error: unknown) => {
    // Some of libvirt's drivers have no pools.
    if (isLibvirtError(error) && error.code === 'NO_SUPPORT') return undefined;
    throw error;
  });
  if (pools) void pump(pools, tell, (listener, event) => listener.pool?.(event));
}

async function pump<E extends { readonly kind: string }>(
  stream: EventStream<E>,
  tell: (how: (listener: Listener) => void) => void,
  deliver: (listener: Listener, event: E) => void,
): Promise<void> {
  try {
    for await (const event of stream) {
      // The library's own gap is the only event of this kind.
      if (event.kind === 'gap') tell((listener) => listener.gap?.());
      else tell((listener) => deliver(listener, event as E));
    }
  } catch {
    // The connection's end is told to listeners by `closed`.
  }
}
