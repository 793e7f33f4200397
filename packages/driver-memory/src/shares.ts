import type { FacetAs } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { conflict, unmet } from './errors.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { changed, isOn } from './world/detach-disk.js';
import type { MachineEntry } from './world/state.js';

function checkPluggable(session: MemorySession, machine: MachineEntry): void {
  if (machine.state === 'saved') throw unmet(`Machine ${machine.id}, which is saved,`, STOPPED);
  if (isOn(machine)) session.need('shares.attachRunning');
}

/** Facet `shares`. */
export const createShares = (session: MemorySession): FacetAs<'shares', typeof capabilities.shares> => ({
  list: (id) => session.look((scene) => session.machine(scene, id).shares),
  attach: (id, share) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const same = machine.shares.find(({ tag }) => tag === share.tag);
      if (same?.hostPath === share.hostPath && same.readOnly === share.readOnly) return;
      if (same)
        throw conflict(`Share "${share.tag}" of machine ${id} is ${same.hostPath}; detach it first.`, {
          subject: share.tag,
        });
      if (share.readOnly) session.need('shares.readOnly');
      checkPluggable(session, machine);
      const { tag, hostPath, readOnly } = share;
      machine.shares.push({ tag, hostPath, readOnly });
      changed(scene, machine);
    }),
  detach: (id, tag) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const index = machine.shares.findIndex((share) => share.tag === tag);
      if (index < 0) return;
      checkPluggable(session, machine);
      machine.shares.splice(index, 1);
      changed(scene, machine);
    }),
});
