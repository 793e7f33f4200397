import type { FacetAs, Snapshot } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import { agentOf } from './guest/agent.js';
import type { MemorySession } from './session.js';
import { sweepLayers } from './world/layers.js';
import { findSnapshot, revertMachine, takeSnapshot } from './world/machine-snapshot.js';
import type { MachineEntry, SnapshotState } from './world/state.js';

function view(machine: MachineEntry, { id, name, description, createdAt, memory, parent }: SnapshotState): Snapshot {
  return {
    id,
    name,
    ...(description !== undefined && { description }),
    createdAt,
    memory,
    ...(parent !== undefined && { parent }),
    current: machine.currentSnapshot === id,
  };
}

/** Facet `snapshots`. */
export const createSnapshots = (session: MemorySession): FacetAs<'snapshots', typeof capabilities.snapshots> => ({
  create: (id, spec) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const isOn = machine.state === 'running' || machine.state === 'paused';
      if (spec.memory) session.need('snapshots.memory');
      if (spec.quiesce) session.need('snapshots.quiesce');
      if (isOn) session.need('snapshots.running');
      if (machine.state === 'saved') throw wrongState(machine, 'running, paused or stopped');
      if (spec.memory && !isOn) throw wrongState(machine, 'running or paused');
      if (spec.quiesce) agentOf(machine);
      return view(machine, takeSnapshot(scene, machine, spec, session.has('snapshots.tree')));
    }),
  list: (id) =>
    createListing(async function* () {
      // Taken one after the other, so parents come before children.
      yield* await session.look((scene) => {
        const machine = session.machine(scene, id);
        return machine.snapshots.map((snapshot) => view(machine, snapshot));
      });
    }),
  get: (id, snapshot) =>
    session.look((scene) => {
      const machine = session.machine(scene, id);
      return view(machine, findSnapshot(machine, snapshot));
    }),
  revert: (id, snapshot) => session.change((scene) => revertMachine(scene, session.idle(scene, id), snapshot)),
  delete: (id, snapshot) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const index = machine.snapshots.findIndex((one) => one.id === snapshot);
      const [gone] = index < 0 ? [] : machine.snapshots.splice(index, 1);
      if (!gone) return;
      const heirs = [...machine.snapshots.filter(({ parent }) => parent === gone.id)];
      for (const heir of heirs) {
        if (gone.parent === undefined) delete heir.parent;
        else heir.parent = gone.parent;
      }
      if (machine.currentSnapshot === gone.id) {
        if (gone.parent === undefined) delete machine.currentSnapshot;
        else machine.currentSnapshot = gone.parent;
      }
      sweepLayers(scene);
    }),
});
