import type { MachineState, NativeDetail } from '@virt-drivers/core';
import type { VirtualMachineConnectionState, VirtualMachinePowerState } from '@virt-drivers/vsphere';

/** vSphere's words for what a machine does. */
export interface NativeState {
  readonly powerState: VirtualMachinePowerState;
  readonly connectionState: VirtualMachineConnectionState;
}

/** The contract's state. Suspended machines have their memory on a datastore: that is `saved`. */
export function toState({ powerState, connectionState }: NativeState): MachineState {
  if (connectionState === 'invalid' || connectionState === 'orphaned' || connectionState === 'inaccessible')
    return 'failed';
  if (powerState === 'poweredOn') return 'running';
  return powerState === 'suspended' ? 'saved' : 'stopped';
}

/** The words for people. */
export const nativeState = ({ powerState, connectionState }: NativeState): NativeDetail => ({
  code: powerState,
  message: connectionState === 'connected' ? powerState : `${powerState} (${connectionState})`,
});
