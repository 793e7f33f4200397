import { DriverError, type HostId } from '@virt-drivers/core';
import { wrongState } from '../errors.js';
import { switchOn, wakeUp } from '../guest/life.js';
import { findHost, volumeOf } from './find.js';
import { tell } from './journal.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';

/** Memory that the host has left for machines. */
export function freeMemory({ state }: Scene, host: HostId): bigint {
  const total = state.hosts.find(({ id }) => id === host)?.memoryBytes ?? 0n;
  return Object.values(state.machines)
    .filter((machine) => machine.host === host && (machine.state === 'running' || machine.state === 'paused'))
    .reduce((left, { memory }) => left - memory.sizeBytes, total);
}

function checkCanRun(scene: Scene, machine: MachineEntry): void {
  const host = findHost(scene, machine.host);
  if (host.state !== 'ready') {
    throw new DriverError(
      'HOST.WRONG_STATE',
      `Host "${host.name}" (${host.id}) is in ${host.state}; it takes no machines now.`,
      { subject: host.id },
    );
  }
  if (machine.memory.sizeBytes > freeMemory(scene, host.id)) {
    throw new DriverError(
      'HOST.NOT_ENOUGH_RESOURCES',
      `Host "${host.name}" (${host.id}) has too little free memory for machine ${machine.id}.`,
      {
        subject: host.id,
      },
    );
  }
  for (const { volume } of machine.disks) {
    if (!volume || volumeOf(scene, volume)?.encryption?.unlocked !== false) continue;
    throw new DriverError(
      'ACCESS.DENIED',
      `Volume ${volume.key} of machine ${machine.id} is locked; unlock it first.`,
      { subject: volume.key },
    );
  }
}

/** Starts a stopped machine, continues a saved one; nothing for a running one. */
export function turnOn(scene: Scene, machine: MachineEntry): void {
  if (machine.state === 'running') return;
  if (machine.state === 'paused') throw wrongState(machine, 'stopped or saved');
  checkCanRun(scene, machine);
  const isSaved = machine.state === 'saved';
  machine.state = 'running';
  if (isSaved) wakeUp(scene, machine);
  else switchOn(scene, machine);
  tell(scene, { kind: 'machine-state', machine: machine.id, state: 'running', reason: 'requested' });
}
