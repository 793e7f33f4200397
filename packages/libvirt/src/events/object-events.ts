import type { Connection } from '../connection.js';
import {
  readNetworkEventLifecycleMessage,
  readNodeDeviceEventLifecycleMessage,
  readNodeDeviceEventUpdateMessage,
  readSecretEventLifecycleMessage,
  readSecretEventValueChangedMessage,
  readStoragePoolEventLifecycleMessage,
  readStoragePoolEventRefreshMessage,
} from '../gen/event-messages.gen.js';
import {
  connectNetworkEventDeregisterAny,
  connectNetworkEventRegisterAny,
  connectNodeDeviceEventDeregisterAny,
  connectNodeDeviceEventRegisterAny,
  connectSecretEventDeregisterAny,
  connectSecretEventRegisterAny,
  connectStoragePoolEventDeregisterAny,
  connectStoragePoolEventRegisterAny,
} from '../gen/event-registration.gen.js';
import type { Network, NodeDevice, Secret, StoragePool } from '../gen/structs.gen.js';
import type { CallOptions } from '../rpc/call-options.js';
import { REMOTE } from '../rpc/request.js';
import { subscribe } from './subscribe.js';
import type { EventOptions, EventSource, EventStream } from './subscribe.js';

interface Lifecycle {
  readonly kind: 'lifecycle';
  /** A number of the object's EventLifecycleType enumeration. */
  readonly event: number;
  readonly detail: number;
}

export type NetworkEvent = Lifecycle & { readonly network: Network };
export type StoragePoolEvent = (Lifecycle | { readonly kind: 'refresh' }) & { readonly pool: StoragePool };
export type NodeDeviceEvent = (Lifecycle | { readonly kind: 'update' }) & { readonly device: NodeDevice };
export type SecretEvent = (Lifecycle | { readonly kind: 'valueChanged' }) & { readonly secret: Secret };

/** Limits a subscription to one object. */
export interface ObjectEventOptions<O> extends EventOptions {
  readonly of?: O;
}

type Register<O> = (
  connection: Connection,
  eventId: number,
  object: O | undefined,
  options: CallOptions,
) => Promise<number>;
type Deregister = (connection: Connection, callbackId: number) => Promise<void>;

/** Sources of one kind of object that differ in event number, message and reader only. */
function sources<O, E>(
  register: Register<O>,
  deregister: Deregister,
  object: O | undefined,
  kinds: readonly Pick<EventSource<E>, 'procedure' | 'read'>[],
): EventSource<E>[] {
  return kinds.map((kind, eventId) => ({
    ...kind,
    program: REMOTE,
    register: (connection, options) => register(connection, eventId, object, options),
    deregister,
  }));
}

/** Watches virtual networks. Source: libvirt API virConnectNetworkEventRegisterAny. */
export function networkEvents(
  connection: Connection,
  options: ObjectEventOptions<Network> = {},
): Promise<EventStream<NetworkEvent>> {
  const kinds = [{ procedure: 315, read: lifecycle(readNetworkEventLifecycleMessage) }];
  return subscribe(
    connection,
    sources(connectNetworkEventRegisterAny, connectNetworkEventDeregisterAny, options.of, kinds),
    options,
  );
}

/** Watches storage pools. Source: libvirt API virConnectStoragePoolEventRegisterAny. */
export function storagePoolEvents(
  connection: Connection,
  options: ObjectEventOptions<StoragePool> = {},
): Promise<EventStream<StoragePoolEvent>> {
  const kinds: Pick<EventSource<StoragePoolEvent>, 'procedure' | 'read'>[] = [
    { procedure: 370, read: lifecycle(readStoragePoolEventLifecycleMessage) },
    { procedure: 373, read: (reader) => ({ kind: 'refresh', pool: readStoragePoolEventRefreshMessage(reader).pool }) },
  ];
  return subscribe(
    connection,
    sources(connectStoragePoolEventRegisterAny, connectStoragePoolEventDeregisterAny, options.of, kinds),
    options,
  );
}

/** Watches the host's devices. Source: libvirt API virConnectNodeDeviceEventRegisterAny. */
export function nodeDeviceEvents(
  connection: Connection,
  options: ObjectEventOptions<NodeDevice> = {},
): Promise<EventStream<NodeDeviceEvent>> {
  const kinds: Pick<EventSource<NodeDeviceEvent>, 'procedure' | 'read'>[] = [
    { procedure: 376, read: lifecycle(readNodeDeviceEventLifecycleMessage) },
    { procedure: 377, read: (reader) => ({ kind: 'update', device: readNodeDeviceEventUpdateMessage(reader).device }) },
  ];
  return subscribe(
    connection,
    sources(connectNodeDeviceEventRegisterAny, connectNodeDeviceEventDeregisterAny, options.of, kinds),
    options,
  );
}

/** Watches secrets. Source: libvirt API virConnectSecretEventRegisterAny. */
export function secretEvents(
  connection: Connection,
  options: ObjectEventOptions<Secret> = {},
): Promise<EventStream<SecretEvent>> {
  const kinds: Pick<EventSource<SecretEvent>, 'procedure' | 'read'>[] = [
    { procedure: 382, read: lifecycle(readSecretEventLifecycleMessage) },
    {
      procedure: 383,
      read: (reader) => ({ kind: 'valueChanged', secret: readSecretEventValueChangedMessage(reader).secret }),
    },
  ];
  return subscribe(
    connection,
    sources(connectSecretEventRegisterAny, connectSecretEventDeregisterAny, options.of, kinds),
    options,
  );
}

function lifecycle<R, M extends { readonly callbackId: number }>(
  read: (reader: R) => M,
): (reader: R) => Omit<M, 'callbackId'> & { kind: 'lifecycle' } {
  return (reader) => {
    const { callbackId: _, ...event } = read(reader);
    return { kind: 'lifecycle', ...event };
  };
}
