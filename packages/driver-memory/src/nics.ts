import { type FacetAs, type MachineId, type Nic, type NicId, type NicSpec } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { notice } from './guest/devices.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { copyOf } from './world/copy.js';
import { findNic } from './world/find.js';
import { fingerprintOf } from './world/fingerprint.js';
import { tell } from './world/journal.js';
import { checkNic, newNic, nicFromSpec } from './world/nic-rules.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry, NicState } from './world/state.js';
import { viewNic } from './world/view.js';

function changed(scene: Scene, machine: MachineEntry): void {
  notice(scene, machine);
  tell(scene, { kind: 'machine-updated', machine: machine.id });
}

function checkPluggable(
  session: MemorySession,
  { state, id }: MachineEntry,
  capability: 'nics.attachRunning' | 'nics.detachRunning',
): void {
  if (state === 'saved') throw unmet(`Machine ${id}, which is saved,`, STOPPED);
  if (state !== 'stopped') session.need(capability);
}

function attach(session: MemorySession, scene: Scene, id: MachineId, spec: NicSpec): Nic {
  const machine = session.idle(scene, id);
  const wanted = nicFromSpec(spec);
  const same = machine.nics.find(({ id: _id, ...nic }) => fingerprintOf(nic) === fingerprintOf(wanted));
  if (same) return viewNic(same);
  if (!wanted.linkUp) session.need('nics.linkState');
  if (wanted.limits) session.need('nics.bandwidthLimit');
  checkNic(scene, wanted, machine.host, machine.nics);
  checkPluggable(session, machine, 'nics.attachRunning');
  const nic = newNic(scene, wanted);
  machine.nics.push(nic);
  changed(scene, machine);
  return viewNic(nic);
}

function detach(session: MemorySession, scene: Scene, id: MachineId, nic: NicId): void {
  const machine = session.idle(scene, id);
  if (!machine.nics.some((candidate) => candidate.id === nic)) return;
  checkPluggable(session, machine, 'nics.detachRunning');
  machine.nics = machine.nics.filter((candidate) => candidate.id !== nic);
  changed(scene, machine);
}

function edit(session: MemorySession, id: MachineId, nic: NicId, act: (nic: NicState) => void): Promise<Nic> {
  return session.change((scene) => {
    const machine = session.idle(scene, id);
    const present = findNic(machine, nic);
    act(present);
    changed(scene, machine);
    return viewNic(present);
  });
}

/** Facet `nics`. */
export const createNics = (session: MemorySession): FacetAs<'nics', typeof capabilities.nics> => ({
  attach: (id, spec) => session.change((scene) => attach(session, scene, id, copyOf(spec))),
  detach: (id, nic) => session.change((scene) => detach(session, scene, id, nic)),
  setLink: (id, nic, linkUp) => edit(session, id, nic, (present) => void (present.linkUp = linkUp)),
  setLimits: (id, nic, limits) =>
    edit(session, id, nic, (present) => {
      if (Object.keys(limits).length > 0) present.limits = { ...limits };
      else delete present.limits;
    }),
});
