import { isDriverError, type CallOptions, type DriverEvent, type MachineId, type OpenDriver } from '@virt-drivers/core';
import { deadlineIn, withDeadline, type Duration } from '@virt-drivers/core/kit';
import { machineOf, present } from './machine-of.js';

/** How to reboot. */
export interface RebootOptions extends CallOptions {
  /** Pull the reset line at once; the guest is not asked. Default false. */
  readonly hard?: boolean;
  /** Pull the reset line when the guest does not reboot by itself in time, or cannot be asked. Default false. */
  readonly force?: boolean;
  /** How long the guest may take with `force`. Default: 60 seconds. */
  readonly within?: Duration;
}

/** What came of it: the guest was asked, it did reboot, or its reset line was pulled. */
export type Rebooted = 'asked' | 'rebooted' | 'reset';

/**
 * Reboots an instance. Softly: asks the guest, and without `force` leaves it at that; with it, waits for the reboot and
 * resets when there is none. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `CAPABILITY.ABSENT`, `GUEST.UNAVAILABLE`.
 */
export const reboot = async (driver: OpenDriver, instanceId: string, options: RebootOptions = {}): Promise<Rebooted> =>
  rebootMachine(driver, (await machineOf(driver, instanceId, options)).id, options);

/** {@link reboot} for any machine, whoever it belongs to. */
export async function rebootMachine(
  driver: OpenDriver,
  id: MachineId,
  { hard = false, force = false, within = { seconds: 60 }, ...options }: RebootOptions = {},
): Promise<Rebooted> {
  const reset = async (): Promise<Rebooted> => {
    await present(driver, driver.power.reset, 'power.reset')(id, options);
    return 'reset';
  };
  if (hard) return reset();
  if (force) return (await rebootsItself(driver, id, within, options)) ? 'rebooted' : reset();
  await present(driver, driver.power.reboot, 'power.rebootGuest')(id, options);
  return 'asked';
}

async function rebootsItself(
  driver: OpenDriver,
  id: MachineId,
  within: Duration,
  options: CallOptions,
): Promise<boolean> {
  const { reboot: ask } = driver.power;
  if (!ask) return false;
  const own = deadlineIn(within);
  const deadline = options.deadline && options.deadline < own ? options.deadline : own;
  try {
    return await withDeadline({ ...options, deadline }, within, async (call) => {
      // Watched before it is asked, so that the event is not missed.
      const events = await driver.events.watch({}, call);
      try {
        await ask(id, call);
        return await seesReboot(events, id);
      } finally {
        await events.return?.();
      }
    });
  } catch (error) {
    if (isDriverError(error, 'CALL.DEADLINE_EXCEEDED', 'GUEST.UNAVAILABLE')) return false;
    throw error;
  }
}

async function seesReboot(events: AsyncIterable<DriverEvent>, id: MachineId): Promise<boolean> {
  for await (const event of events) {
    if (event.kind === 'machine-rebooted' && event.machine === id) return true;
  }
  return false;
}
