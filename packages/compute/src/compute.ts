import type { Bytes, CallOptions, Disk, Nic, NicId, NicSpec, OpenDriver, Volume, VolumeId } from '@virt-drivers/core';
import type { PlannedChange } from './change/change-plan.js';
import type { Changed, ChangeOptions, ReceiveImage } from './change/change-context.js';
import { attachVolume, detachVolume, type AttachWish } from './flows/attachments.js';
import { instanceConsoles, type InstanceConsoles } from './flows/consoles.js';
import { destroy } from './flows/destroy.js';
import type { FlowOptions } from './flows/flow-options.js';
import { createImage, saveImage, type ImageOptions, type ImageTarget } from './flows/images.js';
import { listInstances, showInstance } from './flows/inventory.js';
import { attachNic, detachNic } from './flows/nics.js';
import { instancePower, type InstancePower } from './flows/power.js';
import { rebuild, type RebuildWish } from './flows/rebuild.js';
import { reconcile, type Reconciled, type ReconcileOptions } from './flows/reconcile.js';
import { rescue, unrescue } from './flows/rescue.js';
import { confirmResize, resize, revertResize } from './flows/resize.js';
import { instanceSnapshots, type InstanceSnapshots } from './flows/snapshots.js';
import { spawn } from './flows/spawn/spawn.js';
import { extendVolume, swapVolume } from './flows/volumes.js';
import type { Gate } from './image-gate/admit-image.js';
import type { Instance, InstanceSummary } from './instance/instance.js';
import type { ImageWish, InstanceSpec } from './instance/spec.js';
import { coldMigrate } from './migrate/cold.js';
import { forceMove } from './migrate/force-move.js';
import { liveMigrate, type Moved } from './migrate/live.js';
import type { MoveOptions, MoveWish } from './migrate/move-options.js';
import type { ResizeWish } from './plans/plan-resize.js';
import type { SwapWish } from './plans/plan-volume.js';

/** What compute needs besides a driver. */
export interface ComputeOptions {
  /** Where images are let in; without it instances cannot have one. */
  readonly gate?: Gate;
}

/** Instances behind one opened driver. Keeps no state of its own: everything is read from the endpoint. */
export interface Compute extends InstanceConsoles {
  readonly driver: OpenDriver;
  /** See `spawn`. */
  spawn(spec: InstanceSpec, options?: FlowOptions): Promise<Instance>;
  /** See `destroy`; false when there was nothing to destroy. */
  destroy(instanceId: string, options?: FlowOptions): Promise<boolean>;
  /** See `reconcile`. */
  reconcile(options?: ReconcileOptions): Promise<readonly Reconciled[]>;
  list(options?: CallOptions): AsyncIterable<InstanceSummary>;
  show(instanceId: string, options?: CallOptions): Promise<Instance>;
  /** See `rebuild`. */
  rebuild(instanceId: string, wish: RebuildWish, options?: ChangeOptions): Promise<Changed>;
  /** See `rescue`. */
  rescue(instanceId: string, wish: { readonly image: ImageWish }, options?: ChangeOptions): Promise<Changed>;
  /** See `unrescue`. */
  unrescue(instanceId: string, options?: ChangeOptions): Promise<Changed>;
  /** See `resize`. */
  resize(instanceId: string, wish: ResizeWish, options?: ChangeOptions): Promise<Changed>;
  /** See `confirmResize`. */
  confirmResize(instanceId: string, options?: ChangeOptions): Promise<Changed>;
  /** See `revertResize`. */
  revertResize(instanceId: string, options?: ChangeOptions): Promise<Changed>;
  /** See `extendVolume`. */
  extendVolume(instanceId: string, volume: VolumeId, sizeBytes: Bytes, options?: ChangeOptions): Promise<Changed>;
  /** See `swapVolume`. */
  swapVolume(instanceId: string, volume: VolumeId, wish: SwapWish, options?: ChangeOptions): Promise<Changed>;
  /** See `createImage`. */
  createImage(
    instanceId: string,
    target: ImageTarget,
    options?: ImageOptions,
  ): Promise<{ readonly plan: PlannedChange; readonly volume?: Volume }>;
  /** See `saveImage`. */
  saveImage(instanceId: string, receive: ReceiveImage, options?: ImageOptions): Promise<PlannedChange>;
  /** See `attachNic`. */
  attachNic(instanceId: string, nic: NicSpec, options?: FlowOptions): Promise<Nic>;
  /** See `detachNic`. */
  detachNic(instanceId: string, nic: NicId, options?: FlowOptions): Promise<void>;
  /** See `liveMigrate`: moves an instance of here to a host of `destination`, which may be this endpoint. */
  migrate(instanceId: string, destination: OpenDriver, wish?: MoveWish, options?: MoveOptions): Promise<Moved>;
  /** See `forceMove`. */
  forceMove(instanceId: string, options?: CallOptions): Promise<void>;
  /** See `coldMigrate`. */
  coldMigrate(instanceId: string, destination: OpenDriver, wish?: MoveWish, options?: MoveOptions): Promise<Moved>;
  attachVolume(instanceId: string, volume: VolumeId, wish?: AttachWish, options?: ChangeOptions): Promise<Disk>;
  detachVolume(instanceId: string, volume: VolumeId, options?: ChangeOptions): Promise<void>;
  readonly power: InstancePower;
  readonly snapshots: InstanceSnapshots;
}

/** Puts the instance flows over a driver. The driver stays the caller's to close. */
export function createCompute(driver: OpenDriver, { gate }: ComputeOptions = {}): Compute {
  return {
    driver,
    spawn: (spec, options) => spawn(driver, gate, spec, options),
    destroy: (instanceId, options) => destroy(driver, instanceId, options),
    reconcile: (options) => reconcile(driver, options),
    list: (options) => listInstances(driver, options),
    show: (instanceId, options) => showInstance(driver, instanceId, options),
    rebuild: (instanceId, wish, options) => rebuild(driver, gate, instanceId, wish, options),
    rescue: (instanceId, wish, options) => rescue(driver, gate, instanceId, wish, options),
    unrescue: (instanceId, options) => unrescue(driver, instanceId, options),
    resize: (instanceId, wish, options) => resize(driver, instanceId, wish, options),
    confirmResize: (instanceId, options) => confirmResize(driver, instanceId, options),
    revertResize: (instanceId, options) => revertResize(driver, instanceId, options),
    extendVolume: (instanceId, volume, size, options) => extendVolume(driver, instanceId, volume, size, options),
    swapVolume: (instanceId, volume, wish, options) => swapVolume(driver, instanceId, volume, wish, options),
    createImage: (instanceId, target, options) => createImage(driver, instanceId, target, options),
    saveImage: (instanceId, receive, options) => saveImage(driver, instanceId, receive, options),
    attachNic: (instanceId, nic, options) => attachNic(driver, instanceId, nic, options),
    detachNic: (instanceId, nic, options) => detachNic(driver, instanceId, nic, options),
    migrate: (instanceId, to, wish, options) => liveMigrate(driver, to, instanceId, wish, options),
    forceMove: (instanceId, options) => forceMove(driver, instanceId, options),
    coldMigrate: (instanceId, to, wish, options) => coldMigrate(driver, to, instanceId, wish, options),
    attachVolume: (instanceId, volume, wish, options) => attachVolume(driver, instanceId, volume, wish, options),
    detachVolume: (instanceId, volume, options) => detachVolume(driver, instanceId, volume, options),
    power: instancePower(driver),
    snapshots: instanceSnapshots(driver),
    ...instanceConsoles(driver),
  };
}
