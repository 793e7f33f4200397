import { DriverError, type HostId } from '@virt-drivers/core';
import { tell } from './journal.js';
import type { Scene } from './scene.js';
import type { HostState, MachineEntry } from './state.js';
import { freeMemory } from './turn-on.js';

/** True when the host reaches all pools in which the machine has volumes. */
export const reachesVolumes = ({ state }: Scene, host: HostId, { disks }: Pick<MachineEntry, 'disks'>): boolean =>
  disks.every(
    ({ volume }) => !volume || state.pools.some(({ id, hosts }) => id === volume.pool && hosts.includes(host)),
  );

/** A place for each of these machines away from the host, or `HOST.NOT_ENOUGH_RESOURCES` when one finds none. */
export function placesFor(
  scene: Scene,
  machines: readonly MachineEntry[],
  from: HostState,
): { machine: MachineEntry; target: HostId }[] {
  const free = new Map(scene.state.hosts.map(({ id }) => [id, freeMemory(scene, id)]));
  return machines.map((machine) => {
    const isPinned = scene.state.devices.some(({ attachedTo }) => attachedTo === machine.id);
    const target = scene.state.hosts.find(
      ({ id, state }) =>
        !isPinned &&
        id !== from.id &&
        state === 'ready' &&
        (free.get(id) ?? 0n) >= machine.memory.sizeBytes &&
        reachesVolumes(scene, id, machine),
    );
    if (!target) {
      throw new DriverError(
        'HOST.NOT_ENOUGH_RESOURCES',
        `No other host can take machine "${machine.name}" (${machine.id}); stop it first.`,
        {
          subject: machine.id,
        },
      );
    }
    free.set(target.id, (free.get(target.id) ?? 0n) - machine.memory.sizeBytes);
    return { machine, target: target.id };
  });
}

/** The machine runs there from now on. */
export function moveTo(scene: Scene, machine: MachineEntry, target: HostId): void {
  machine.host = target;
  tell(scene, { kind: 'machine-updated', machine: machine.id });
  tell(scene, { kind: 'machine-state', machine: machine.id, state: machine.state, reason: 'migrated' });
}
