import { createKeyedMutex, createVolumeRepeats, type KeyedMutex, type VolumeRepeats } from '@virt-drivers/core/kit';
import type { Center } from './connection.js';
import { createDatastoreFiles, type DatastoreFiles } from './datastore-files.js';
import type { Endpoint } from './endpoint.js';
import { createEventHub, type EventHub } from './event-hub.js';
import { createInventory, type Inventory } from './inventory.js';
import { createMachineViews, type MachineViews } from './machine-views.js';
import type { CheckedOptions } from './options.js';
import { createSerialPorts, type SerialPorts } from './serial-ports.js';
import { createStoragePolicy, type StoragePolicy } from './storage-policy.js';
import type { Target } from './target.js';
import { taskRunner, type RunTask } from './task-waiting.js';

/** What every facet of an opened driver works with. */
export interface VmwareSession {
  readonly center: Center;
  readonly endpoint: Endpoint;
  readonly options: CheckedOptions;
  readonly inventory: Inventory;
  readonly policy: StoragePolicy;
  readonly machines: MachineViews;
  readonly datastoreFiles: DatastoreFiles;
  readonly repeats: VolumeRepeats;
  readonly events: EventHub;
  readonly serialPorts: SerialPorts;
  readonly runTask: RunTask;
  /** One change at a time to each machine, by id, and to each volume, by pool and name. */
  readonly locks: KeyedMutex<string>;
}

export function createSession(
  center: Center,
  endpoint: Endpoint,
  options: CheckedOptions,
  target: Target,
): VmwareSession {
  const only = options.datacenter ?? target.datacenter;
  const pools = options.datastores === undefined ? undefined : new RegExp(options.datastores);
  const policy = createStoragePolicy(center, options.storagePolicy);
  const inventory = createInventory(center, only, pools, policy);
  return {
    center,
    endpoint,
    options,
    inventory,
    policy,
    machines: createMachineViews(center, inventory),
    datastoreFiles: createDatastoreFiles(center),
    repeats: createVolumeRepeats(),
    events: createEventHub(center, inventory),
    serialPorts: createSerialPorts(center, inventory, options.serialPorts),
    runTask: taskRunner(center),
    locks: createKeyedMutex(),
  };
}
