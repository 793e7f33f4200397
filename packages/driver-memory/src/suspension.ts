import type { FacetAs, MachineId, MachineState } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import { switchOff, wakeUp } from './guest/life.js';
import type { MemorySession } from './session.js';
import { tell } from './world/journal.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';
import { turnOn } from './world/turn-on.js';

function move(scene: Scene, machine: MachineEntry, state: MachineState): void {
  machine.state = state;
  tell(scene, { kind: 'machine-state', machine: machine.id, state, reason: 'requested' });
}

/** Facet `suspension`. */
export function createSuspension(session: MemorySession): FacetAs<'suspension', typeof capabilities.suspension> {
  // Being there already is success; being anywhere but at the start of the way is not.
  const from = (
    id: MachineId,
    before: readonly MachineState[],
    after: MachineState,
    act: (scene: Scene, machine: MachineEntry) => void,
  ) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      if (machine.state === after) return;
      if (!before.includes(machine.state)) throw wrongState(machine, before.join(' or '));
      act(scene, machine);
    });

  return {
    pause: (id) => from(id, ['running'], 'paused', (scene, machine) => move(scene, machine, 'paused')),
    resume: (id) =>
      from(id, ['paused'], 'running', (scene, machine) => {
        wakeUp(scene, machine);
        move(scene, machine, 'running');
      }),
    save: (id) =>
      from(id, ['running', 'paused'], 'saved', (scene, machine) => {
        delete machine.serial.holder;
        move(scene, machine, 'saved');
      }),
    restore: (id) => from(id, ['saved'], 'running', turnOn),
    discardSaved: (id) =>
      session.change((scene) => {
        const machine = session.idle(scene, id);
        if (machine.state === 'saved') switchOff(scene, machine, 'requested');
      }),
  };
}
