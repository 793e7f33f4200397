import type { CallOptions } from '@virt-drivers/core';
import type { VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import { aboutMachine, type MachineView } from '../machine-views.js';
import type { VmwareSession } from '../session.js';

/** One reconfiguration of a machine, whoever else changed it meanwhile. */
export const reconfigure = (
  { runTask }: VmwareSession,
  { ref, machine }: Pick<MachineView, 'ref' | 'machine'>,
  spec: VirtualMachineConfigSpec,
  options: CallOptions,
): Promise<unknown> =>
  runTask({ ...aboutMachine(machine.id), within: { minutes: 5 } }, options, (vsphere, call) =>
    vsphere.invoke(ref, 'ReconfigVM_Task', { spec }, call),
  );
