import {
  DriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type SnapshotId,
  type SnapshotSpec,
} from '@virt-drivers/core';
import { afterChange, createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { escapeName } from './convert/native-name.js';
import { readSnapshots, type KnownSnapshot } from './convert/snapshot-tree.js';
import { aboutMachine, type MachineView } from './machine-views.js';
import { keepTexts } from './machines/texts.js';
import type { VmwareSession } from './session.js';
import { requireTools } from './tools-status.js';

const LONG = { within: { minutes: 30 } } as const;

/** Snapshots of virtual machines: trees of them, with or without memory. */
export function createSnapshots(session: VmwareSession): FacetAs<'snapshots', typeof capabilities.snapshots> {
  const { machines, runTask, locks, center } = session;
  const all = async (machine: MachineId, options: CallOptions): Promise<readonly KnownSnapshot[]> =>
    readSnapshots((await machines.view(machine, options)).snapshots);

  const find = async (machine: MachineId, id: SnapshotId, options: CallOptions): Promise<KnownSnapshot> => {
    const found = (await all(machine, options)).find(({ snapshot }) => snapshot.id === id);
    if (found) return found;
    throw new DriverError('SNAPSHOT.NOT_FOUND', `Snapshot ${id} of machine ${machine} is not there.`, { subject: id });
  };

  /** What a deletion could not put together, because somebody held a file, is put together once more. */
  const consolidate = async ({ ref, machine: { id } }: MachineView, options: CallOptions): Promise<void> => {
    const kind = { ...aboutMachine(id), ...LONG };
    const { 'runtime.consolidationNeeded': needed } = await center.call(
      { ...kind, reads: true },
      options,
      (vsphere, call) => vsphere.properties.get(ref, ['runtime.consolidationNeeded'], call),
    );
    if (needed)
      await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'ConsolidateVMDisks_Task', {}, call));
  };

  return {
    create: (machine, spec, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await machines.view(machine, options);
        refuseState(view, spec);
        if (spec.quiesce) await requireTools(session, machine, options);
        const { name, description = '', memory = false, quiesce = false } = spec;
        const request = { name: escapeName(name), description, memory, quiesce };
        const before = new Set(readSnapshots(view.snapshots).map(({ snapshot }) => snapshot.id));
        await runTask({ ...aboutSnapshots(machine), ...LONG }, options, (vsphere, call) =>
          vsphere.invoke(view.ref, 'CreateSnapshot_Task', request, call),
        );
        const made = (await afterChange(all(machine, options))).find(({ snapshot }) => !before.has(snapshot.id));
        if (made) return made.snapshot;
        throw new DriverError('HOST.FAILED', `Machine ${machine} did not get the snapshot, and nobody said why.`, {
          subject: machine,
        });
      }),
    list: (machine, options = {}) =>
      createListing(async function* () {
        for (const { snapshot } of await all(machine, options)) yield snapshot;
      }),
    get: async (machine, id, options = {}) => (await find(machine, id, options)).snapshot,
    revert: (machine, id, options = {}) =>
      locks.run(machine, options, async () => {
        const before = await machines.view(machine, options);
        const { ref, snapshot } = await find(machine, id, options);
        await runTask({ ...aboutSnapshots(machine), ...LONG }, options, (vsphere, call) =>
          vsphere.invoke(ref, 'RevertToSnapshot_Task', {}, call),
        );
        await afterChange(keepTexts(session, before, options));
        if (!snapshot.memory) await afterChange(cutPower(session, machine, options));
      }),
    delete: (machine, id, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await machines.view(machine, options);
        const found = readSnapshots(view.snapshots).find(({ snapshot }) => snapshot.id === id);
        if (!found) return;
        const request = { removeChildren: false, consolidate: true };
        await runTask({ ...aboutSnapshots(machine), ...LONG }, options, (vsphere, call) =>
          vsphere.invoke(found.ref, 'RemoveSnapshot_Task', request, call),
        );
        await afterChange(consolidate(view, options));
      }),
  };
}

const aboutSnapshots = (machine: string) =>
  ({
    ...aboutMachine(machine),
    means: {
      ApplicationQuiesceFault: { code: 'GUEST.REFUSED', says: 'has a guest that did not come to rest' },
      FilesystemQuiesceFault: { code: 'GUEST.REFUSED', says: 'has a guest whose file systems did not come to rest' },
      SnapshotNoChange: { code: 'SNAPSHOT.NOT_FOUND', says: 'has no such snapshot' },
      MemorySnapshotOnIndependentDisk: {
        code: 'CAPABILITY.CONDITION_UNMET',
        says: 'has a disk that snapshots leave out, so its memory cannot be kept',
      },
    },
  }) as const;

function refuseState({ machine: { id, state } }: MachineView, { memory, quiesce }: SnapshotSpec): void {
  const isLive = memory === true || quiesce === true;
  if (state === 'running' || (!isLive && state === 'stopped')) return;
  const wish = quiesce ? 'only a running guest comes to rest' : 'only a running machine has memory to keep';
  const why = isLive ? wish : 'restore it, or discard its memory, first';
  throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}; ${why}.`, { subject: id });
}

/** The machine may have run since, and a simulator leaves it so. */
async function cutPower({ machines, runTask }: VmwareSession, id: MachineId, options: CallOptions): Promise<void> {
  const { ref, machine } = await machines.view(id, options);
  if (machine.state === 'stopped') return;
  await runTask(aboutMachine(id), options, (vsphere, call) => vsphere.invoke(ref, 'PowerOffVM_Task', {}, call));
}
