import type { CallOptions, OpenDriver, Snapshot, SnapshotId, SnapshotSpec, Snapshots } from '@virt-drivers/core';
import { machineOf, present } from './machine-of.js';

/** Points in time of instances. All: `MACHINE.NOT_FOUND`, `CAPABILITY.ABSENT`, and those of facet `snapshots`. */
export interface InstanceSnapshots {
  create(instanceId: string, spec: SnapshotSpec, options?: CallOptions): Promise<Snapshot>;
  list(instanceId: string, options?: CallOptions): Promise<readonly Snapshot[]>;
  revert(instanceId: string, snapshot: SnapshotId, options?: CallOptions): Promise<void>;
  /** Forgets it; what the disks hold now stays. */
  delete(instanceId: string, snapshot: SnapshotId, options?: CallOptions): Promise<void>;
}

/** Snapshots of the instances behind a driver. */
export function instanceSnapshots(driver: OpenDriver): InstanceSnapshots {
  const facet = (): Snapshots => present(driver, driver.snapshots, 'snapshots');
  const idOf = async (instanceId: string, options?: CallOptions) => (await machineOf(driver, instanceId, options)).id;
  return {
    create: async (instanceId, spec, options) => facet().create(await idOf(instanceId, options), spec, options),
    list: async (instanceId, options) =>
      facet()
        .list(await idOf(instanceId, options), options)
        .all(),
    revert: async (instanceId, snapshot, options) =>
      present(driver, facet().revert, 'snapshots.revert')(await idOf(instanceId, options), snapshot, options),
    delete: async (instanceId, snapshot, options) => facet().delete(await idOf(instanceId, options), snapshot, options),
  };
}
