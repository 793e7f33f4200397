import { isDriverError, type CallOptions, type Machine, type MachineId, type OpenDriver } from '@virt-drivers/core';
import { deadlineIn, throwIfAborted, type Duration } from '@virt-drivers/core/kit';

/** How long a guest gets to shut down. */
export const STOP_WITHIN: Duration = { seconds: 60 };

/**
 * Turns a machine off: asks the guest, waits for it, and cuts power only when it does not listen or cannot be asked.
 * Turning off what is off succeeds.
 */
export async function turnOff(
  driver: OpenDriver,
  id: MachineId,
  stopWithin: Duration,
  options: CallOptions,
): Promise<void> {
  const { state } = await driver.machines.get(id, options);
  if (state === 'stopped') return;
  if (state === 'saved' && driver.suspension?.discardSaved) return driver.suspension.discardSaved(id, options);
  if (state === 'running' && (await listens(driver, id, stopWithin, options))) return;
  throwIfAborted(options, { what: `Stopping machine ${id}`, stateAfter: 'unknown' });
  await driver.power.kill(id, options);
}

async function listens(driver: OpenDriver, id: MachineId, within: Duration, options: CallOptions): Promise<boolean> {
  const own = deadlineIn(within);
  const deadline = options.deadline && options.deadline < own ? options.deadline : own;
  try {
    return (await driver.power.stop?.(id, { ...options, deadline })) === 'stopped';
  } catch (error) {
    if (isDriverError(error, 'GUEST.UNAVAILABLE', 'MACHINE.WRONG_STATE', 'CALL.DEADLINE_EXCEEDED')) return false;
    throw error;
  }
}

/** Turns a machine on again, however it was turned off. */
export async function turnOn(driver: OpenDriver, { id }: Pick<Machine, 'id'>, options: CallOptions): Promise<void> {
  await driver.power.start(id, options);
}
