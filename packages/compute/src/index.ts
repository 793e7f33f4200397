export { createCompute, type Compute, type ComputeOptions } from './compute.js';
export type { Changed, ChangeOptions, ReceiveImage } from './change/change-context.js';
export type { PlannedChange } from './change/change-plan.js';
export type { AttachWish } from './flows/attachments.js';
export type { InstanceConsoles } from './flows/consoles.js';
export type { FlowOptions, StepProgress } from './flows/flow-options.js';
export type { ImageOptions, ImageTarget } from './flows/images.js';
export type { InstancePower, StopOptions } from './flows/power.js';
export { rebootMachine, type Rebooted, type RebootOptions } from './flows/reboot.js';
export type { Reconciled, ReconcileOptions } from './flows/reconcile.js';
export type { RebuildWish } from './flows/rebuild.js';
export type { InstanceSnapshots } from './flows/snapshots.js';

export type { Instance, InstanceSummary } from './instance/instance.js';
export { isInstanceId, newInstanceId } from './instance/instance-id.js';
export { parseRecord, RECORD_SCHEMA, type DiskRecord, type InstanceRecord, type Journal } from './instance/record.js';
export type {
  BlankDiskWish,
  ConfigDriveWish,
  DiskWish,
  ImageWish,
  InstanceNic,
  InstanceSpec,
  RootDiskWish,
} from './instance/spec.js';
export type { Moved } from './migrate/live.js';
export type { MoveOptions, MoveWish } from './migrate/move-options.js';
export type { ResizeWish } from './plans/plan-resize.js';
export type { SwapWish } from './plans/plan-volume.js';

export {
  planDisks,
  type CreatableDisk,
  type DiskOrigin,
  type DiskPlanInput,
  type DiskRole,
  type PlannedConfigDrive,
  type PlannedImage,
} from './disks/plan-disks.js';

export { admitImage, type AdmittedImage, type Gate } from './image-gate/admit-image.js';
export { packageRefusal } from './image-gate/admit-package.js';
export type { AdmittedDisk } from './image-gate/admitted-disk.js';
export type { AdmissibleFormat, ImageDeclaration, ImageLimits } from './image-gate/declaration.js';
export { imageFile, type ImageInput } from './image-gate/image-input.js';
export { refusal } from './image-gate/verdict.js';
export { openImageCache, type CachedContent, type ContentRequest, type ImageCache } from './image-cache/image-cache.js';

export { bytesInMemory, bytesOfHandle, withFile, type ByteSource } from '@virt-drivers/image-formats';
export type { FormatFindings, ImageFormat, ImageProblem } from '@virt-drivers/image-formats';
export { inspectImage, type ImageInspection } from './image/inspect-image.js';
export { inspectOva, type OvaDiskInspection, type OvaInspection, type OvaProblem } from '@virt-drivers/image-formats';

export { CONFIG_DRIVE_LABEL, configDrive, configDriveFiles } from './config-drive/config-drive.js';
export type {
  ConfigDriveContent,
  GuestAddress,
  GuestLink,
  GuestNetwork,
  InjectedFile,
} from './config-drive/content.js';
export { hostnameFrom, isHostname } from './config-drive/hostname.js';
export { writeIso, type DiscLabel } from './iso9660/write-iso.js';
export type { DiscFile } from './iso9660/tree.js';
