import { mebibytes, type CallOptions } from '@virt-drivers/core';
import type { VirtualMachineConfigSpec, VirtualMachineDefinedProfileSpec } from '@virt-drivers/vsphere';
import { fileName, type Datastore } from '../inventory.js';
import { choosePlacement, type Placement } from '../placement.js';
import type { VmwareSession } from '../session.js';
import type { VolumeFile } from './volume-file.js';

/** A machine that exists only while its one disk is made: some disks only machines can have made. */
export interface Carrier {
  /** What it is there for, for whoever sees it meanwhile. */
  readonly work: 'import' | 'link' | 'export';
  readonly uuid: string;
  readonly store: Datastore;
  /** The disk's file below the datastore; of its own choosing when left out. */
  readonly path?: string;
  readonly sizeBytes: bigint;
  /** What the disk continues. */
  readonly parent?: VolumeFile;
  readonly profiles: readonly VirtualMachineDefinedProfileSpec[];
}

const CONTROLLER = -101;
const MEMORY = mebibytes(4);

/** Where it can be. Errors: those of `choosePlacement`. */
export const placeCarrier = (session: VmwareSession, store: Datastore, options: CallOptions): Promise<Placement> =>
  choosePlacement(session, { datastores: [store], memoryBytes: MEMORY }, options);

/** Its configuration; it is never started. */
export const carrierConfig = (carrier: Carrier): VirtualMachineConfigSpec => ({
  name: `vd-${carrier.work}-${carrier.uuid}`,
  instanceUuid: carrier.uuid,
  guestId: 'otherGuest64',
  numCPUs: 1,
  memoryMB: MEMORY / 1_048_576n,
  files: { vmPathName: `[${carrier.store.name}]` },
  deviceChange: [
    {
      operation: 'add',
      device: { $type: 'ParaVirtualSCSIController', key: CONTROLLER, busNumber: 0, sharedBus: 'noSharing' },
    },
    // One that is exported is there already.
    { operation: 'add', ...(carrier.work !== 'export' && { fileOperation: 'create' }), device: diskOf(carrier) },
  ],
  ...(carrier.profiles.length > 0 && { vmProfile: carrier.profiles }),
});

const diskOf = ({ store, path, sizeBytes, parent }: Carrier) =>
  ({
    $type: 'VirtualDisk',
    key: CONTROLLER - 1,
    controllerKey: CONTROLLER,
    unitNumber: 0,
    capacityInKB: sizeBytes / 1024n,
    backing: {
      $type: 'VirtualDiskFlatVer2BackingInfo',
      fileName: path === undefined ? `[${store.name}]` : fileName(store, path),
      datastore: store.ref,
      diskMode: 'persistent',
      thinProvisioned: true,
      ...(parent && { parent: parentOf(parent) }),
    },
  }) as const;

const parentOf = ({ store, id }: VolumeFile) =>
  ({
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: fileName(store, id.key),
    datastore: store.ref,
    diskMode: 'persistent',
  }) as const;
