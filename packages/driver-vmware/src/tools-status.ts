import { DriverError, type CallOptions, type MachineId } from '@virt-drivers/core';
import { toState } from './convert/state.js';
import type { VmwareSession } from './session.js';

const RUNNING = 'guestToolsRunning';

/** Refuses unless VMware Tools run in the guest. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `GUEST.UNAVAILABLE`. */
export async function requireTools({ machines }: VmwareSession, id: MachineId, options: CallOptions): Promise<void> {
  const found = await machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
    vsphere.properties.get(ref, ['runtime.powerState', 'runtime.connectionState', 'guest.toolsRunningStatus'], call),
  );
  const { 'runtime.powerState': powerState = 'poweredOff', 'runtime.connectionState': connection } = found;
  const state = toState({ powerState, connectionState: connection ?? 'connected' });
  if (state !== 'running')
    throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}: nobody inside could answer.`, {
      subject: id,
    });
  if (found['guest.toolsRunningStatus'] === RUNNING) return;
  throw new DriverError(
    'GUEST.UNAVAILABLE',
    `Machine ${id} has no VMware Tools running in its guest; they may be starting, or not be installed.`,
    { subject: id },
  );
}
