import {
  bytes,
  DriverError,
  type Bytes,
  type DiskFormat,
  type DiskId,
  type Json,
  type MigrationPlan,
  type NetworkId,
  type NicId,
  type PoolId,
  type VolumeId,
} from '@virt-drivers/core';
import { findVolume } from './find.js';
import { snapshotOn } from './grow-volume.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';

/** What the destination must know of a machine that wants to come. */
export interface Departure {
  readonly endpoint: string;
  readonly name: string;
  readonly host: string;
  readonly state: MachineEntry['state'];
  readonly memoryBytes: Bytes;
  readonly cpuCount: number;
  readonly disks: readonly {
    readonly id: DiskId;
    readonly volume: VolumeId;
    readonly name: string;
    readonly format: DiskFormat;
    readonly sizeBytes: Bytes;
    readonly hasSnapshot: boolean;
  }[];
  readonly nics: readonly { readonly id: NicId; readonly network: NetworkId }[];
}

/** Describes the machine as plain JSON: quantities as text. */
export function describeDeparture(scene: Scene, machine: MachineEntry): Json {
  const disks = machine.disks.flatMap(({ id, volume }) => {
    if (!volume) return [];
    const state = findVolume(scene, volume);
    const { name, format, sizeBytes } = state;
    const hasSnapshot = snapshotOn(scene, state) !== undefined;
    return [
      { id, volume: { pool: volume.pool, key: volume.key }, name, format, sizeBytes: String(sizeBytes), hasSnapshot },
    ];
  });
  return {
    endpoint: scene.state.endpointId,
    name: machine.name,
    host: machine.host,
    state: machine.state,
    memoryBytes: String(machine.memory.sizeBytes),
    cpuCount: machine.cpu.count,
    disks,
    nics: machine.nics.map(({ id, network }) => ({ id, network })),
  };
}

/** Reads such a description; `REQUEST.INVALID` when it is none. */
export function readDeparture(description: Json): Departure {
  const isOne =
    typeof description === 'object' && description !== null && 'memoryBytes' in description && 'disks' in description;
  if (!isOne)
    throw new DriverError(
      'REQUEST.INVALID',
      'Description of the machine is not one that describe() of this driver made.',
    );
  // Made by describeDeparture, which this driver alone understands.
  const text = description as unknown as Departure;
  return {
    ...text,
    memoryBytes: bytes(BigInt(text.memoryBytes)),
    disks: text.disks.map((disk) => ({ ...disk, sizeBytes: bytes(BigInt(disk.sizeBytes)) })),
  };
}

/** Where a disk's volume goes by the plan; undefined when it stays. */
export const destinationOf = (
  { disks = [] }: MigrationPlan,
  id: DiskId,
): { readonly pool: PoolId; readonly volume?: VolumeId } | undefined => disks.find(({ disk }) => disk === id);
