import type { Connection } from '../connection.js';
import {
  connectDomainEventCallbackDeregisterAny,
  connectDomainEventCallbackRegisterAny,
} from '../gen/event-registration.gen.js';
import type { Domain } from '../gen/structs.gen.js';
import { REMOTE } from '../rpc/request.js';
import { DOMAIN_EVENT_KINDS } from './domain-event-kinds.js';
import { subscribe } from './subscribe.js';
import type { EventOptions, EventSource, EventStream } from './subscribe.js';

type Kinds = typeof DOMAIN_EVENT_KINDS;
export type DomainEventKind = keyof Kinds;

/** An event of one kind: `kind` and what libvirt tells about it. `domain` is in all of them. */
export type DomainEventOf<K extends DomainEventKind> = K extends DomainEventKind
  ? { readonly kind: K } & Omit<ReturnType<Kinds[K]['read']>, 'callbackId'>
  : never;
export type DomainEvent = DomainEventOf<DomainEventKind>;

export interface DomainEventOptions extends EventOptions {
  /** Only events of this domain. */
  readonly domain?: Domain;
}

/**
 * Watches domains. Without `kinds`, every kind that this library knows.
 *
 * @throws LibvirtError INVALID_ARG when the daemon is too old for a kind that was asked for.
 * Source: libvirt API virConnectDomainEventRegisterAny.
 */
export function domainEvents<K extends DomainEventKind = DomainEventKind>(
  connection: Connection,
  kinds: readonly K[] = Object.keys(DOMAIN_EVENT_KINDS) as K[],
  options: DomainEventOptions = {},
): Promise<EventStream<DomainEventOf<K>>> {
  return subscribe(
    connection,
    kinds.map((kind) => sourceOf(kind, options.domain)),
    options,
  );
}

function sourceOf<K extends DomainEventKind>(kind: K, domain: Domain | undefined): EventSource<DomainEventOf<K>> {
  const { eventId, procedure, read } = DOMAIN_EVENT_KINDS[kind];
  return {
    program: REMOTE,
    procedure,
    register: (connection, options) => connectDomainEventCallbackRegisterAny(connection, eventId, domain, options),
    deregister: connectDomainEventCallbackDeregisterAny,
    // The table pairs each kind with its own reader, which the compiler cannot follow through the index.
    read: (reader) => withoutCallbackId({ kind, ...read(reader) }) as DomainEventOf<K>,
  };
}

/** The number of the registration means nothing to a consumer. */
export function withoutCallbackId<E extends object>(event: E): Omit<E, 'callbackId'> {
  if ('callbackId' in event) delete event.callbackId;
  return event;
}
