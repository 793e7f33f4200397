export { connect, type ConnectOptions } from './connect.js';
export type { MethodsOf, ParametersOf, ResultOf, Vsphere } from './client.js';
export type { CallOptions } from './call-options.js';
export type { TlsOptions } from './http/server-trust.js';
export type { Credentials, Renewable } from './session/credentials.js';
export {
  VsphereError,
  isVsphereError,
  type VsphereErrorCode,
  type VsphereErrorDetails,
} from './errors/vsphere-error.js';
export { VsphereFault, faultOf, isFault, isVsphereFault, type FaultName } from './errors/vsphere-fault.js';
export type { Properties } from './properties/properties.js';
export type { ManagedObjectName, PropertyPath, PropertyValue, PropertyValues } from './properties/property-path.js';
export type { RetrieveRequest } from './properties/retrieve.js';
export type { RetrievedObject } from './properties/retrieved-object.js';
export type { DateTime, Reference } from './schema/reference.js';
export type { MethodMap } from './gen/methods.gen.js';
export type { PropertyMap } from './gen/properties.gen.js';
export type * from './gen/data-types.gen.js';
export type { TaskOptions, Tasks } from './tasks/tasks.js';
export type { Current, ObjectChange, Resync, Update, WatchRequest } from './properties/watch.js';
export type { DatastoreFile, Files } from './files/files.js';
export type { Lease, LeaseUploadOptions } from './leases/lease.js';
export type { Leases } from './leases/leases.js';
export type { DownloadOptions, TransferOptions, UploadOptions } from './transfers/transfer.js';
