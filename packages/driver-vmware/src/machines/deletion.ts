import {
  diskId,
  DriverError,
  isDriverError,
  poolId,
  type CallOptions,
  type DiskId,
  type MachineDeletion,
  type MachineId,
  type VolumeId,
} from '@virt-drivers/core';
import { isDiskDevice } from '../convert/disk-device.js';
import { toOptionValues } from '../convert/extra-config.js';
import { readNote } from '../convert/note.js';
import { deviceRemoval } from '../disk-removal.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import { takeBackAll } from '../remote-volumes/take-back.js';
import { leaveGroup } from '../server-groups.js';
import type { VmwareSession } from '../session.js';
import { refuseRemovalOfUsed, removeVolume } from '../storage/removal.js';
import { noteOf, noteSetting } from './settings.js';

/** A volume that goes with its machine. */
interface Leaving {
  readonly disk: DiskId;
  readonly volume: VolumeId;
}

/**
 * Removes a machine, keeping its volumes but those that were named. The machine goes last and remembers them until
 * then, so that a deletion that was cut short anywhere is finished by repeating it.
 */
export async function deleteMachine(
  session: VmwareSession,
  id: MachineId,
  deletion: MachineDeletion,
  options: CallOptions,
): Promise<void> {
  await session.locks.run(id, options, async () => {
    const view = await viewOrGone(session, id, options);
    if (!view) return;
    const leaving = volumesToDelete(view, deletion);
    const { state } = view.machine;
    if (state !== 'stopped' && state !== 'failed' && deletion.kill !== true) {
      const text = `Machine ${id} is ${state}. Stop it first, or delete it with kill.`;
      throw new DriverError('MACHINE.WRONG_STATE', text, { subject: id });
    }
    for (const { volume } of leaving) await refuseRemovalOfUsed(session, volume, options, id);
    if (state === 'running' || state === 'saved') await powerOff(session, view, options);
    await unlessGone(async () => {
      await releaseDisks(session, view, leaving, options);
      await takeBackAll(session, view, options);
      for (const { volume } of leaving) await removeVolume(session, volume, options);
      await leaveGroup(session, view, options);
      await destroy(session, view, options);
    });
  });
}

/** Takes back a machine that was just made, by this very attempt: succeeds when it is not there. */
export async function removeMachine(
  session: VmwareSession,
  id: MachineId,
  options: CallOptions,
  attempt: string | undefined,
): Promise<void> {
  const view = await viewOrGone(session, id, options);
  if (!view || readNote(view.settings, id)?.attempt !== attempt) return;
  await unlessGone(async () => {
    await releaseDisks(session, view, [], options);
    await leaveGroup(session, view, options);
    await destroy(session, view, options);
  });
}

async function viewOrGone(session: VmwareSession, id: MachineId, options: CallOptions) {
  try {
    return await session.machines.view(id, options);
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}

async function unlessGone(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isDriverError(error, 'MACHINE.NOT_FOUND')) throw error;
  }
}

function volumesToDelete({ machine, settings }: MachineView, { withVolumesOf = [] }: MachineDeletion): Leaving[] {
  const { id, disks } = machine;
  const left = readNote(settings, id)?.leaving ?? [];
  return withVolumesOf.flatMap((wanted) => {
    const disk = disks.find((candidate) => candidate.id === wanted);
    if (disk) return disk.volume ? [{ disk: disk.id, volume: disk.volume }] : [];
    const before = left.find((candidate) => candidate.disk === wanted);
    if (before) return [{ disk: diskId(before.disk), volume: { pool: poolId(before.pool), key: before.key } }];
    throw new DriverError('DISK.NOT_FOUND', `Machine ${id} has no disk ${wanted}; nothing was deleted.`, {
      subject: wanted,
    });
  });
}

async function powerOff(
  { runTask }: VmwareSession,
  { ref, machine }: MachineView,
  options: CallOptions,
): Promise<void> {
  try {
    await runTask(aboutMachine(machine.id), options, (vsphere, call) =>
      vsphere.invoke(ref, 'PowerOffVM_Task', {}, call),
    );
  } catch (error) {
    // It stopped by itself in between.
    if (!isDriverError(error, 'MACHINE.WRONG_STATE')) throw error;
  }
}

const HALF_AN_HOUR = { minutes: 30 };

/**
 * vSphere's Destroy_Task deletes the files of all disks. So the disks are taken from the machine first, which keeps
 * their files; snapshots go before that, for a disk in a snapshot would be deleted with it all the same.
 */
async function releaseDisks(
  { runTask, machines }: VmwareSession,
  view: MachineView,
  leaving: readonly Leaving[],
  options: CallOptions,
): Promise<void> {
  const { ref, machine, devices, hasSnapshots } = view;
  const kind = { ...aboutMachine(machine.id), within: HALF_AN_HOUR };
  if (hasSnapshots)
    await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'RemoveAllSnapshots_Task', {}, call));
  const now = hasSnapshots ? (await machines.view(machine.id, options)).devices : devices;
  const deviceChange = now.filter(isDiskDevice).map(deviceRemoval);
  if (deviceChange.length === 0) return;
  const remembered = leaving.map(({ disk, volume: { pool, key } }) => ({ disk, pool, key }));
  const note = { ...noteOf(view), leaving: remembered };
  const spec = {
    deviceChange,
    ...(remembered.length > 0 && { extraConfig: toOptionValues([noteSetting(note)]) }),
  };
  await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'ReconfigVM_Task', { spec }, call));
}

const destroy = ({ runTask }: VmwareSession, { ref, machine }: MachineView, options: CallOptions): Promise<unknown> =>
  runTask({ ...aboutMachine(machine.id), within: HALF_AN_HOUR }, options, (vsphere, call) =>
    vsphere.invoke(ref, 'Destroy_Task', {}, call),
  );
