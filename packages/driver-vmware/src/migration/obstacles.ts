import type { MigrationObstacle, MigrationPlan } from '@virt-drivers/core';
import type { CheckResult, FaultName, LocalizedMethodFault } from '@virt-drivers/vsphere';
import { isSubtype } from '@virt-drivers/vsphere/schema';
import type { MachineView } from '../machine-views.js';
import type { Place } from '../places.js';
import { reaches } from './destination.js';
import type { Datastore } from '../inventory.js';

type Code = MigrationObstacle['code'];

/** What a server's check finds, each with all its descendants; what stands first wins. vSphere API reference, MigrationFault and VmConfigFault. */
const CODES: readonly (readonly [FaultName, Code])[] = [
  ['CpuIncompatible', 'cpu'],
  ['CannotModifyConfigCpuRequirements', 'cpu'],
  ['WillModifyConfigCpuRequirements', 'cpu'],
  ['NumVirtualCpusIncompatible', 'cpu'],
  ['CannotMoveVmWithDeltaDisk', 'snapshot'],
  ['CannotMoveVmWithNativeDeltaDisk', 'snapshot'],
  ['SnapshotCopyNotSupported', 'snapshot'],
  ['SnapshotRevertIssue', 'snapshot'],
  ['SnapshotFault', 'snapshot'],
  ['CannotAccessNetwork', 'network'],
  ['NetworksMayNotBeTheSame', 'network'],
  ['MismatchedNetworkPolicies', 'network'],
  ['MismatchedVMotionNetworkNames', 'network'],
  ['VMotionInterfaceIssue', 'network'],
  ['VMotionProtocolIncompatible', 'version'],
  ['HostConfigFault', 'version'],
  ['DatastoreNotWritableOnHost', 'storage'],
  ['InvalidDatastore', 'storage'],
  ['FileFault', 'storage'],
  ['CannotAccessVmDisk', 'storage'],
  ['DiskMoveTypeNotSupported', 'storage'],
  ['StorageVMotionNotSupported', 'storage'],
  ['RDMConversionNotSupported', 'storage'],
  ['RDMNotPreserved', 'storage'],
  ['NoDiskSpace', 'storage'],
  ['DisallowedMigrationDeviceAttached', 'device'],
  ['CannotAccessVmDevice', 'device'],
  ['DeviceNotSupported', 'device'],
  ['InvalidDeviceSpec', 'device'],
  ['InsufficientResourcesFault', 'resources'],
  ['SuspendedRelocateNotSupported', 'state'],
  ['InvalidState', 'state'],
];

/** The code of a fault's type. */
export const obstacleCode = (type: string | undefined): Code =>
  CODES.find(([name]) => type !== undefined && isSubtype(type, name))?.[1] ?? 'other';

/** What a server's check found, as the contract says it. Warnings hinder nothing. */
export const obstaclesIn = (machine: string, results: readonly CheckResult[]): readonly MigrationObstacle[] =>
  results.flatMap(({ error = [] }) =>
    error.map(({ fault }: LocalizedMethodFault) => ({
      code: obstacleCode(fault.$type),
      // The type, because the server's own words are in whatever language it speaks.
      message: `Machine ${machine} cannot move there: the server’s check gives ${fault.$type ?? 'an unknown fault'}.`,
    })),
  );

/** What stands in the way as far as the machine's own state tells. */
export function obstaclesOfState({ machine }: MachineView, { mode }: Pick<MigrationPlan, 'mode'>): MigrationObstacle[] {
  const { id, state } = machine;
  const wanted = mode === 'live' ? 'running' : 'stopped';
  if (state === wanted) return [];
  return [{ code: 'state', message: `Machine ${id} is ${state}; it must be ${wanted} to move ${mode}.` }];
}

/** What the place lacks of what the machine has. */
export function obstaclesAt(
  place: Place,
  machine: string,
  datastores: readonly Datastore[],
  networks: readonly string[],
): MigrationObstacle[] {
  const stores = datastores
    .filter((store) => !reaches(place, { datastores: [store], networks: [] }))
    .map(({ name }) => ({
      code: 'storage' as const,
      message: `Host ${place.name} does not reach datastore ${name} of machine ${machine}; name another pool for its disks.`,
    }));
  const missing = networks
    .filter((network) => !reaches(place, { datastores: [], networks: [network] }))
    .map((network) => ({
      code: 'network' as const,
      message: `Host ${place.name} has no network ${network}, which machine ${machine} is on; name another for its nic.`,
    }));
  return [...stores, ...missing];
}
