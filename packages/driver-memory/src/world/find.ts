import {
  DriverError,
  type DiskId,
  type HostId,
  type MachineId,
  type NetworkId,
  type NicId,
  type PoolId,
  type VolumeId,
} from '@virt-drivers/core';
import { notFound } from '../errors.js';
import type { Scene } from './scene.js';
import type { DiskState, HostState, MachineEntry, NicState, PoolState, VolumeState } from './state.js';

/** The machine, or `MACHINE.NOT_FOUND`. */
export function findMachine({ state }: Scene, id: MachineId): MachineEntry {
  const machine = Object.hasOwn(state.machines, id) ? state.machines[id] : undefined;
  if (!machine) throw notFound('MACHINE.NOT_FOUND', 'Machine', id);
  return machine;
}

/** The machine, if nobody else works on it now; else `MACHINE.BUSY` with who does. */
export function checkIdle(machine: MachineEntry): MachineEntry {
  const { id } = machine;
  if (!machine.busy) return machine;
  const { operation, task } = machine.busy;
  throw new DriverError(
    'MACHINE.BUSY',
    `Machine "${machine.name}" (${id}) is busy (${operation}); try again when that has ended.`,
    {
      subject: id,
      heldBy: task ?? operation,
    },
  );
}

/** The volume, or undefined. */
export function volumeOf({ state }: Scene, id: VolumeId): VolumeState | undefined {
  const volume = Object.hasOwn(state.volumes, id.key) ? state.volumes[id.key] : undefined;
  return volume?.id.pool === id.pool ? volume : undefined;
}

/** The volume, or `VOLUME.NOT_FOUND`. */
export function findVolume(scene: Scene, id: VolumeId): VolumeState {
  const volume = volumeOf(scene, id);
  if (!volume) throw notFound('VOLUME.NOT_FOUND', `Volume in pool ${id.pool} with key`, id.key);
  return volume;
}

/** The pool, or `POOL.NOT_FOUND`. */
export function findPool({ state }: Scene, id: PoolId): PoolState {
  const pool = state.pools.find((candidate) => candidate.id === id);
  if (!pool) throw notFound('POOL.NOT_FOUND', 'Pool', id);
  return pool;
}

/** The pool when volumes can be made in it, else `POOL.UNAVAILABLE`. */
export function findReadyPool(scene: Scene, id: PoolId): PoolState {
  const pool = findPool(scene, id);
  if (pool.state === 'ready') return pool;
  throw new DriverError(
    'POOL.UNAVAILABLE',
    `Pool "${pool.name}" (${id}) is ${pool.state}; try again when it is ready.`,
    { subject: id },
  );
}

/** The host, or `HOST.NOT_FOUND`. */
export function findHost({ state }: Scene, id: HostId): HostState {
  const host = state.hosts.find((candidate) => candidate.id === id);
  if (!host) throw notFound('HOST.NOT_FOUND', 'Host', id);
  return host;
}

/** `NETWORK.NOT_FOUND` unless the host has the network. */
export function checkNetwork(scene: Scene, host: HostId, network: NetworkId): void {
  if (!findHost(scene, host).networks.includes(network)) throw notFound('NETWORK.NOT_FOUND', 'Network', network);
}

/** The machine's disk, or `DISK.NOT_FOUND`. */
export function findDisk(machine: MachineEntry, id: DiskId): DiskState {
  const disk = machine.disks.find((candidate) => candidate.id === id);
  if (!disk) throw notFound('DISK.NOT_FOUND', `Disk of machine ${machine.id}`, id);
  return disk;
}

/** The machine's nic, or `NIC.NOT_FOUND`. */
export function findNic(machine: MachineEntry, id: NicId): NicState {
  const nic = machine.nics.find((candidate) => candidate.id === id);
  if (!nic) throw notFound('NIC.NOT_FOUND', `Nic of machine ${machine.id}`, id);
  return nic;
}
