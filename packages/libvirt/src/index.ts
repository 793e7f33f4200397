export type { Connection } from './connection.js';
export { openConnection, type ConnectOptions } from './open-connection.js';
export type { Credentials } from './auth/mechanism.js';
export type { CallOptions } from './rpc/call-options.js';
export type { KeepAliveOptions } from './rpc/keep-alive.js';
export { QEMU, REMOTE, type Request } from './rpc/request.js';
export {
  LibvirtError,
  isLibvirtError,
  type LibvirtErrorCode,
  type LibvirtErrorDetails,
  type LocalErrorCode,
} from './libvirt-error.js';
export type {
  CpuStats,
  ParameterRecord,
  ParameterType,
  ParameterValue,
  TypedParameters,
  TypedValue,
} from './typed-parameters.js';
export type { StreamResult } from './streams/open-stream.js';
export { XdrReader } from './xdr/reader.js';
export { XdrWriter } from './xdr/writer.js';
export {
  domainEvents,
  type DomainEvent,
  type DomainEventKind,
  type DomainEventOf,
  type DomainEventOptions,
} from './events/domain-events.js';
export { networkEvents, nodeDeviceEvents, secretEvents, storagePoolEvents } from './events/object-events.js';
export type {
  NetworkEvent,
  NodeDeviceEvent,
  ObjectEventOptions,
  SecretEvent,
  StoragePoolEvent,
} from './events/object-events.js';
export type { EventGap } from './events/event-queue.js';
export type { EventOptions, EventStream } from './events/subscribe.js';
export {
  migrateDomain,
  migrateDomainToUri,
  type DomainMigration,
  type MigrationStep,
  type PeerMigration,
} from './migrate-domain.js';
export * from './objects.js';
