import type { CallOptions } from '@virt-drivers/core';
import type { VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import { aboutMachine, type MachineView } from './machine-views.js';
import type { VmwareSession } from './session.js';

/** One reconfiguration of a machine: all of it, or nothing; whoever else changed the machine meanwhile. */
export async function reconfigure(
  { runTask }: VmwareSession,
  { ref, machine }: Pick<MachineView, 'ref' | 'machine'>,
  spec: VirtualMachineConfigSpec,
  options: CallOptions,
): Promise<void> {
  await runTask(aboutMachine(machine.id), options, (vsphere, call) =>
    vsphere.invoke(ref, 'ReconfigVM_Task', { spec }, call),
  );
}

/** The same for a change that follows from this view: refused when anybody changed the machine since it was read. */
export const reconfigureAsSeen = (
  session: VmwareSession,
  view: Pick<MachineView, 'ref' | 'machine' | 'changeVersion'>,
  spec: VirtualMachineConfigSpec,
  options: CallOptions,
): Promise<void> => reconfigure(session, view, { changeVersion: view.changeVersion, ...spec }, options);
