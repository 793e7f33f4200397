import type { MigrationObstacle, MigrationPlan } from '@virt-drivers/core';
import { destinationOf } from './departure.js';
import { findPool, volumeOf } from './find.js';
import { snapshotOn } from './grow-volume.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';
import { freeMemory } from './turn-on.js';

function stateObstacles({ name, state, busy }: MachineEntry, { mode }: MigrationPlan): MigrationObstacle[] {
  const fits = mode === 'live' ? state === 'running' || state === 'paused' : state === 'stopped';
  if (!fits)
    return [
      { code: 'state', message: `Machine "${name}" is ${state}, which is not what a migration of mode ${mode} needs.` },
    ];
  return busy ? [{ code: 'state', message: `Machine "${name}" is busy (${busy.operation}).` }] : [];
}

function hostObstacles(scene: Scene, machine: MachineEntry, { host }: MigrationPlan): MigrationObstacle[] {
  const target = scene.state.hosts.find(({ id }) => id === host);
  // A host that is not ours is the destination's matter.
  if (!target) return [];
  if (target.state !== 'ready') return [{ code: 'state', message: `Host "${target.name}" is in ${target.state}.` }];
  if (target.id === machine.host || freeMemory(scene, target.id) >= machine.memory.sizeBytes) return [];
  return [{ code: 'resources', message: `Host "${target.name}" has too little free memory.` }];
}

function diskObstacles(scene: Scene, machine: MachineEntry, plan: MigrationPlan): MigrationObstacle[] {
  return machine.disks.flatMap(({ id, volume }): MigrationObstacle[] => {
    const state = volume && volumeOf(scene, volume);
    if (!state) return [];
    const snapshot = snapshotOn(scene, state);
    if (destinationOf(plan, id)) {
      return snapshot === undefined
        ? []
        : [{ code: 'snapshot', message: `Disk ${id} is held by snapshot ${snapshot} and cannot be copied.` }];
    }
    const isOurHost = scene.state.hosts.some((host) => host.id === plan.host);
    const reaches = plan.host === undefined || !isOurHost || findPool(scene, state.id.pool).hosts.includes(plan.host);
    return reaches
      ? []
      : [
          {
            code: 'storage',
            message: `Disk ${id} is in pool ${state.id.pool}, which host ${plan.host} does not reach.`,
          },
        ];
  });
}

/** What stands in the way of the plan, as far as the source can tell. */
export function obstaclesOf(scene: Scene, machine: MachineEntry, plan: MigrationPlan): MigrationObstacle[] {
  const devices = scene.state.devices.filter(({ attachedTo }) => attachedTo === machine.id);
  return [
    ...stateObstacles(machine, plan),
    ...hostObstacles(scene, machine, plan),
    ...diskObstacles(scene, machine, plan),
    ...devices.map(
      ({ id }): MigrationObstacle => ({ code: 'device', message: `Device ${id} of host ${machine.host} is attached.` }),
    ),
  ];
}
