import {
  type FacetAs,
  type Machine,
  type MachineChange,
  type MachineFilter,
  type MachineId,
  type MachineSpec,
} from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { notice } from './guest/devices.js';
import { mayRead, type MemorySession } from './session.js';
import { copyOf } from './world/copy.js';
import { deleteMachine } from './world/delete-machine.js';
import { doneBefore, fingerprintOf, remember } from './world/fingerprint.js';
import { tell } from './world/journal.js';
import { buildMachine } from './world/new-machine.js';
import { checkRevision, newRecord } from './world/record.js';
import { resized } from './world/resize.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';
import { viewMachine } from './world/view.js';

function checkHonoured(session: MemorySession, { host, boot, cpu, disks, nics }: MachineSpec): void {
  if (host !== undefined) session.need('hosts.placement');
  if (boot.firmware === 'uefi') session.need('machines.firmwareUefi');
  if (boot.secureBoot) session.need('machines.secureBoot');
  if (cpu.topology) session.need('machines.cpuTopology');
  if (disks.some(({ serial }) => serial !== undefined)) session.need('disks.serial');
  if (disks.some(({ device }) => device === 'media')) session.need('disks.media');
  if (disks.some(({ limits }) => limits)) session.need('disks.throughputLimit');
  if (disks.some(({ shared }) => shared)) session.need('disks.multiAttach');
  if (nics.some(({ linkUp }) => linkUp === false)) session.need('nics.linkState');
  if (nics.some(({ limits }) => limits)) session.need('nics.bandwidthLimit');
}

function create(session: MemorySession, scene: Scene, spec: MachineSpec): Machine {
  const done = doneBefore(scene, 'machine', spec.clientToken, spec);
  const before = done?.machine && scene.state.machines[done.machine];
  if (before) return viewMachine(scene, before);
  checkHonoured(session, spec);
  const machine = buildMachine(scene, spec, session.account === 'low');
  scene.state.machines[machine.id] = machine;
  remember(scene, 'machine', spec.clientToken, spec, { machine: machine.id });
  tell(scene, { kind: 'machine-created', machine: machine.id });
  return viewMachine(scene, machine);
}

function update(session: MemorySession, scene: Scene, id: MachineId, change: MachineChange): Machine {
  const machine = session.idle(scene, id);
  const next = resized(scene, machine, change);
  const isResized = fingerprintOf(next) !== fingerprintOf({ cpu: machine.cpu, memory: machine.memory });
  if (isResized) session.need(machine.state === 'stopped' ? 'machines.resizeCold' : 'machines.resizeHot');
  if (change.name !== undefined && change.name !== machine.name) session.need('machines.rename');
  Object.assign(machine, next);
  if (change.name !== undefined) machine.name = change.name;
  if (change.description !== undefined) machine.description = change.description;
  notice(scene, machine);
  tell(scene, { kind: 'machine-updated', machine: id });
  return viewMachine(scene, machine);
}

const matches = (entry: MachineEntry, { host, state, recorded }: MachineFilter): boolean =>
  (host === undefined || entry.host === host) &&
  (state === undefined || entry.state === state) &&
  (recorded === undefined || (entry.record !== undefined) === recorded);

/** One after the other, so that what vanishes meanwhile is left out. */
async function* list(
  session: MemorySession,
  filter: MachineFilter,
  skip: () => void,
): AsyncGenerator<Machine, void, undefined> {
  for (const id of await session.look(({ state }) => Object.keys(state.machines))) {
    const found = await session.look((scene) => {
      const entry = scene.state.machines[id];
      if (!entry) return undefined;
      if (!mayRead(session.account, entry)) return 'unreadable';
      return matches(entry, filter) ? viewMachine(scene, entry) : undefined;
    });
    if (found === 'unreadable') skip();
    else if (found) yield found;
  }
}

/** Facet `machines`. */
export const createMachines = (session: MemorySession): FacetAs<'machines', typeof capabilities.machines> => ({
  create: (spec) => session.change((scene) => create(session, scene, copyOf(spec))),
  get: (id) => session.look((scene) => viewMachine(scene, session.machine(scene, id))),
  find: ({ recordOwner }) =>
    session.look((scene) => {
      const entry = Object.values(scene.state.machines).find(({ record }) => record?.owner === recordOwner);
      return entry && mayRead(session.account, entry) ? viewMachine(scene, entry) : undefined;
    }),
  list: (filter = {}) => createListing((skip) => list(session, filter, skip)),
  update: (id, change) => session.change((scene) => update(session, scene, id, copyOf(change))),
  delete: (id, deletion = {}) => session.change((scene) => deleteMachine(session, scene, id, deletion)),
  record: (id) => session.look((scene) => session.machine(scene, id).record),
  writeRecord: (id, record, { ifRevision }) =>
    session.change((scene) => {
      const machine = session.machine(scene, id);
      checkRevision(machine.record, ifRevision, id);
      machine.record = newRecord(record);
      tell(scene, { kind: 'machine-updated', machine: id });
      return machine.record;
    }),
});
