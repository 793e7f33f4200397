import {
  bytes,
  sameVolume,
  type Disk,
  type Host,
  type Machine,
  type MachineId,
  type Nic,
  type Pool,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { sizeOfDisk } from '../guest/devices.js';
import { allocatedBytes } from './layers.js';
import type { Scene } from './scene.js';
import { freeBytes } from './space.js';
import type { DiskState, HostState, MachineEntry, NicState, PoolState, VolumeState } from './state.js';

// How state looks to a program. A transaction copies its result, so nothing here is shared with the state.

/** Machines that have the volume attached. */
export const attachedTo = ({ state }: Scene, volume: VolumeId): MachineId[] =>
  Object.values(state.machines)
    .filter(({ disks }) => disks.some((disk) => disk.volume && sameVolume(disk.volume, volume)))
    .map(({ id }) => id);

export function viewDisk(scene: Scene, disk: DiskState): Disk {
  const { remote, ...shown } = disk;
  const hasSize = remote !== undefined || disk.volume !== undefined;
  return { ...shown, ...(hasSize && { sizeBytes: bytes(sizeOfDisk(scene, disk)) }) };
}

export const viewNic = (nic: NicState): Nic => ({ ...nic });

export function viewMachine(scene: Scene, entry: MachineEntry): Machine {
  const { id, name, description, state, busy, host, cpu, memory, boot, record, createdAt } = entry;
  return {
    id,
    name,
    ...(description !== undefined && { description }),
    state,
    ...(busy && { busy }),
    host,
    cpu,
    memory,
    boot,
    disks: entry.disks.map((disk) => viewDisk(scene, disk)),
    nics: entry.nics.map(viewNic),
    ...(record && { recordOwner: record.owner }),
    createdAt,
    native: { code: 'state', message: entry.guest ? `${state}, guest ${entry.guest.phase}` : state },
  };
}

export function viewVolume(scene: Scene, volume: VolumeState): Volume {
  const { id, name, format, sizeBytes, base } = volume;
  return {
    id,
    name,
    format,
    sizeBytes,
    allocatedBytes: bytes(allocatedBytes(scene, volume)),
    ...(base && { base }),
    attachedTo: attachedTo(scene, id),
  };
}

export const viewPool = (scene: Scene, pool: PoolState): Pool => ({ ...pool, freeBytes: freeBytes(scene, pool.id) });

export const viewHost = ({ id, name, state }: HostState): Host => ({
  id,
  name,
  hypervisor: { product: 'Memory', version: '1' },
  state,
  architectures: ['x86_64', 'aarch64'],
  hardwareAcceleration: false,
  groups: ['memory'],
});
