import type { CallOptions, Disk, OpenDriver, VolumeId } from '@virt-drivers/core';
import { attachVolume, detachVolume, type AttachWish } from './flows/attachments.js';
import { instanceConsoles, type InstanceConsoles } from './flows/consoles.js';
import { destroy } from './flows/destroy.js';
import type { FlowOptions } from './flows/flow-options.js';
import { listInstances, showInstance } from './flows/inventory.js';
import { instancePower, type InstancePower } from './flows/power.js';
import { reconcile, type Reconciled, type ReconcileOptions } from './flows/reconcile.js';
import { instanceSnapshots, type InstanceSnapshots } from './flows/snapshots.js';
import { spawn } from './flows/spawn/spawn.js';
import type { Gate } from './image-gate/admit-image.js';
import type { Instance, InstanceSummary } from './instance/instance.js';
import type { InstanceSpec } from './instance/spec.js';

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
  attachVolume(instanceId: string, volume: VolumeId, wish?: AttachWish, options?: FlowOptions): Promise<Disk>;
  detachVolume(instanceId: string, volume: VolumeId, options?: FlowOptions): Promise<void>;
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
    attachVolume: (instanceId, volume, wish, options) => attachVolume(driver, instanceId, volume, wish, options),
    detachVolume: (instanceId, volume, options) => detachVolume(driver, instanceId, volume, options),
    power: instancePower(driver),
    snapshots: instanceSnapshots(driver),
    ...instanceConsoles(driver),
  };
}
