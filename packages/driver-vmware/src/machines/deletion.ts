import {
  DriverError,
  isDriverError,
  type CallOptions,
  type Machine,
  type MachineDeletion,
  type MachineId,
  type VolumeId,
} from '@virt-drivers/core';
import { isDiskDevice } from '../convert/disk-device.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import type { VmwareSession } from '../session.js';
import { refuseRemovalOfUsed, removeVolume } from '../storage/removal.js';

/** Removes a machine, keeping its volumes but those that were named. A deletion that was cut short is finished by repeating it. */
export async function deleteMachine(
  session: VmwareSession,
  id: MachineId,
  deletion: MachineDeletion,
  options: CallOptions,
): Promise<void> {
  await session.locks.run(id, options, async () => {
    const view = await viewOrGone(session, id, options);
    if (!view) return;
    const volumes = volumesToDelete(view.machine, deletion);
    if (view.machine.state !== 'stopped' && view.machine.state !== 'failed' && deletion.kill !== true) {
      const text = `Machine ${id} is ${view.machine.state}. Stop it first, or delete it with kill.`;
      throw new DriverError('MACHINE.WRONG_STATE', text, { subject: id });
    }
    for (const volume of volumes) await refuseRemovalOfUsed(session, volume, options, id);
    if (view.machine.state === 'running' || view.machine.state === 'saved') await powerOff(session, view, options);
    await destroy(session, id, view, options);
    for (const volume of volumes) await removeVolume(session, volume, options);
  });
}

/** Takes back a machine that was just made: succeeds when it is not there. */
export async function removeMachine(session: VmwareSession, id: MachineId, options: CallOptions): Promise<void> {
  const view = await viewOrGone(session, id, options);
  if (view) await destroy(session, id, view, options);
}

async function viewOrGone(session: VmwareSession, id: MachineId, options: CallOptions) {
  try {
    return await session.machines.view(id, options);
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}

function volumesToDelete({ id, disks }: Machine, { withVolumesOf = [] }: MachineDeletion): readonly VolumeId[] {
  return withVolumesOf.flatMap((wanted) => {
    const disk = disks.find((candidate) => candidate.id === wanted);
    if (disk) return disk.volume ?? [];
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

/**
 * vSphere's Destroy_Task deletes the files of all disks. So the disks are taken from the machine first, which keeps
 * their files; snapshots go before that, for a disk in a snapshot would be deleted with it all the same.
 */
async function destroy(
  { runTask, machines }: VmwareSession,
  id: MachineId,
  { ref, devices, hasSnapshots }: MachineView,
  options: CallOptions,
): Promise<void> {
  const kind = { ...aboutMachine(id), within: { minutes: 30 } };
  try {
    if (hasSnapshots)
      await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'RemoveAllSnapshots_Task', {}, call));
    const now = hasSnapshots ? (await machines.view(id, options)).devices : devices;
    const deviceChange = now.filter(isDiskDevice).map((device) => ({ operation: 'remove' as const, device }));
    if (deviceChange.length > 0)
      await runTask(kind, options, (vsphere, call) =>
        vsphere.invoke(ref, 'ReconfigVM_Task', { spec: { deviceChange } }, call),
      );
    await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'Destroy_Task', {}, call));
  } catch (error) {
    if (!isDriverError(error, 'MACHINE.NOT_FOUND')) throw error;
  }
}
