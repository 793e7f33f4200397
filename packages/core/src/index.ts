export type { CallOptions } from './values/call.js';
export type { MachineExtensions, MigrationExtensions, VolumeExtensions } from './values/extensions.js';
export {
  diskId,
  hostId,
  machineId,
  networkId,
  nicId,
  poolId,
  sameVolume,
  snapshotId,
  taskId,
  type DiskId,
  type HostId,
  type Identifier,
  type MachineId,
  type NetworkId,
  type NicId,
  type PoolId,
  type SnapshotId,
  type TaskId,
  type VolumeId,
} from './values/identifiers.js';
export type { Checksum, DiskFormat, ImageSource } from './values/image-source.js';
export type { Json } from './values/json.js';
export type { Listing } from './values/listing.js';
export type { NativeDetail } from './values/native-detail.js';
export {
  bitsPerSecond,
  bytes,
  gibibytes,
  hertz,
  kibibytes,
  mebibytes,
  nanoseconds,
  operationsPerSecond,
  type BitsPerSecond,
  type Bytes,
  type Hertz,
  type Nanoseconds,
  type OperationsPerSecond,
  type Quantity,
} from './values/quantity.js';
export { RECORD_BYTES_GUARANTEED, type MachineRecord, type MachineRecordInput } from './values/record.js';
export { Secret } from './values/secret.js';
export type { Task, TaskProgress, TaskStatus } from './values/task.js';

export type { ConsoleEndpoint, Consoles, SerialConsole } from './contract/consoles.js';
export type { Diagnostics, MachineCounters, Screenshot } from './contract/diagnostics.js';
export type { Disk, DiskBus, DiskLimits, DiskSpec, Disks } from './contract/disks.js';
export type { Encryption } from './contract/encryption.js';
export type { DriverEvent, Events, WatchRequest } from './contract/events.js';
export type {
  Guest,
  GuestCommand,
  GuestCommandResult,
  GuestInfo,
  GuestInterface,
  QuietGuest,
} from './contract/guest.js';
export type { Host, HostInventory, HostUsage, Hosts } from './contract/hosts.js';
export type { CachedImage, Images } from './contract/images.js';
export type {
  BootSpec,
  CpuSpec,
  Machine,
  MachineBusy,
  MachineChange,
  MachineDeletion,
  MachineFilter,
  MachineSpec,
  MachineState,
  Machines,
  MemorySpec,
} from './contract/machines.js';
export type { Maintenance } from './contract/maintenance.js';
export type {
  Migration,
  MigrationObstacle,
  MigrationPlan,
  MigrationStatistics,
  MigrationTicket,
} from './contract/migration.js';
export type { Nic, NicLimits, NicSpec, Nics } from './contract/nics.js';
export type { HostDevice, HostDeviceId, Passthrough } from './contract/passthrough.js';
export type { Power } from './contract/power.js';
export type { HostInitiator, PoolObject, Portal, RemoteConnection, RemoteVolumes } from './contract/remote-volumes.js';
export type { Share, Shares } from './contract/shares.js';
export type { Snapshot, SnapshotSpec, Snapshots } from './contract/snapshots.js';
export type { Suspension } from './contract/suspension.js';
export type { Tasks } from './contract/tasks.js';
export type {
  BlankVolume,
  ContentVolume,
  CopyVolume,
  NewVolume,
  Pool,
  Provisioning,
  Volume,
  VolumeSnapshot,
  Volumes,
} from './contract/volumes.js';

export {
  ERROR_CODES,
  isErrorCode,
  traitsOf,
  type CodeTraits,
  type ErrorCode,
  type StateAfter,
} from './errors/codes.js';
export { DriverError, isDriverError, type ErrorDetails } from './errors/driver-error.js';

export type {
  Capabilities,
  CapabilityKeys,
  CapabilityName,
  Condition,
  FacetCapabilities,
  FacetName,
  KernelFacetName,
  Narrowing,
  OptionalFacetName,
  Support,
} from './driver/capabilities.js';
export type { Driver, DriverDefinition, OpenDriver, OpenRequest, Session } from './driver/driver.js';
export {
  CAPABILITY_MEMBERS,
  FACETS,
  KERNEL_FACETS,
  type FacetAs,
  type FacetTypes,
  type Facets,
  type FacetsAs,
} from './driver/facets.js';
export { API_VERSION, type Manifest } from './driver/manifest.js';
export { checkManifest, isCompatible } from './driver/check-manifest.js';
export { defineDriver } from './driver/define-driver.js';
export type { DriverBlock, DriverPin, DriverPins } from './loader/driver-pins.js';
export { filesDigest, type PackageFile } from './loader/files-digest.js';
export { CORE_VERSION } from './loader/core-version.js';
export { driverPackageName, loadDriver, type LoadDriverOptions } from './loader/load-driver.js';
