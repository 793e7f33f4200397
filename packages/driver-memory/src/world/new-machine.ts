import { randomUUID } from 'node:crypto';
import { DriverError, machineId, type HostId, type MachineSpec } from '@virt-drivers/core';
import { unmet } from '../errors.js';
import { readMachineExtensions } from '../options.js';
import { checkDisk, diskFromSpec, newDisk } from './disk-rules.js';
import { findHost, findPool, findVolume } from './find.js';
import { checkNic, newNic, nicFromSpec } from './nic-rules.js';
import { newRecord } from './record.js';
import type { Scene } from './scene.js';
import type { HostState, MachineEntry } from './state.js';
import { freeMemory } from './turn-on.js';

const ARCHITECTURES = ['x86_64', 'aarch64'];

/** `HOST.NOT_ENOUGH_RESOURCES` when the host could never run it. */
export function checkFits({ cpu, memory }: Pick<MachineSpec, 'cpu' | 'memory'>, host: HostState): void {
  if (cpu.count <= host.cpuCount && memory.sizeBytes <= host.memoryBytes) return;
  throw new DriverError(
    'HOST.NOT_ENOUGH_RESOURCES',
    `Host "${host.name}" (${host.id}) has ${host.cpuCount} processors and ${host.memoryBytes} bytes of memory; ` +
      `a machine with ${cpu.count} and ${memory.sizeBytes} does not fit.`,
    { subject: host.id },
  );
}

/** The host that was asked for; else the one with most free memory that is ready and reaches all volumes. */
function placeFor(scene: Scene, { host, disks }: MachineSpec): HostState {
  if (host !== undefined) return findHost(scene, host);
  const pools = disks.flatMap(({ volume }) => (volume ? [findPool(scene, findVolume(scene, volume).id.pool)] : []));
  const fitting = scene.state.hosts
    .filter(({ id, state }) => state === 'ready' && pools.every(({ hosts }) => hosts.includes(id)))
    .sort((a, b) => Number(freeMemory(scene, b.id) - freeMemory(scene, a.id)));
  if (fitting[0]) return fitting[0];
  throw new DriverError(
    'HOST.NOT_ENOUGH_RESOURCES',
    'No host is ready and reaches all volumes of the machine; move the volumes to a shared pool.',
  );
}

function checkDevices(scene: Scene, spec: MachineSpec, host: HostId): Pick<MachineEntry, 'disks' | 'nics'> {
  const disks = spec.disks.map(diskFromSpec);
  disks.forEach((disk, index) => checkDisk(scene, disk, { host, present: disks.slice(0, index) }));
  const nics = spec.nics.map(nicFromSpec);
  nics.forEach((nic, index) => checkNic(scene, nic, host, nics.slice(0, index)));
  return { disks: disks.map((disk) => newDisk(scene, disk)), nics: nics.map((nic) => newNic(scene, nic)) };
}

/** Makes the machine that a spec describes, or throws before anything has changed. */
export function buildMachine(scene: Scene, spec: MachineSpec, madeByLow: boolean): MachineEntry {
  const temperament = readMachineExtensions(spec.extensions);
  const {
    name,
    description,
    cpu,
    memory,
    boot,
    architecture = 'x86_64',
    guestFamily = 'linux',
    serialPort = true,
  } = spec;
  if (!ARCHITECTURES.includes(architecture)) {
    throw unmet(`Machine "${name}"`, {
      needs: 'host-feature',
      value: ARCHITECTURES.join('|'),
      reason: `No host runs ${architecture}.`,
    });
  }
  const record = spec.record && newRecord(spec.record);
  const host = placeFor(scene, spec);
  checkFits(spec, host);
  const devices = checkDevices(scene, spec, host.id);
  return {
    id: machineId(randomUUID()),
    name,
    ...(description !== undefined && { description }),
    state: 'stopped',
    host: host.id,
    cpu,
    memory,
    boot,
    architecture,
    family: guestFamily,
    serialPort,
    ...devices,
    ...(record && { record }),
    createdAt: scene.now,
    madeByLow,
    snapshots: [],
    temperament,
    serial: { start: 0, text: '' },
    shares: [],
    tpm: false,
    memoryEncryption: false,
  };
}
