import {
  isDriverError,
  type CallOptions,
  type MachineId,
  type MachineState,
  type OpenDriver,
} from '@virt-drivers/core';
import { machineOf, present } from './machine-of.js';
import { reboot, type Rebooted, type RebootOptions } from './reboot.js';

/** How to stop an instance. */
export interface StopOptions extends CallOptions {
  /** Cut power when the guest does not stop by itself within the deadline, or cannot be asked. Default false. */
  readonly force?: boolean;
}

/** Turning instances on and off. All: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `MACHINE.BUSY`. */
export interface InstancePower {
  /** Starts; see `Power.start`. */
  start(instanceId: string, options?: CallOptions): Promise<void>;
  /** Asks the guest to stop and says what came of it; with `force` it is stopped in any case. See `Power.stop`. */
  stop(instanceId: string, options?: StopOptions): Promise<MachineState>;
  /** Cuts power. */
  kill(instanceId: string, options?: CallOptions): Promise<void>;
  /** Pulls the reset line. Errors: `CAPABILITY.ABSENT`. */
  reset(instanceId: string, options?: CallOptions): Promise<void>;
  /** See `reboot`. */
  reboot(instanceId: string, options?: RebootOptions): Promise<Rebooted>;
  /** Halts the processors. Errors: `CAPABILITY.ABSENT`. */
  pause(instanceId: string, options?: CallOptions): Promise<void>;
  /** Continues a paused one. Errors: `CAPABILITY.ABSENT`. */
  resume(instanceId: string, options?: CallOptions): Promise<void>;
}

/** Power of the instances behind a driver. */
export function instancePower(driver: OpenDriver): InstancePower {
  const { power } = driver;
  const idOf = async (instanceId: string, options?: CallOptions) => (await machineOf(driver, instanceId, options)).id;
  return {
    start: async (instanceId, options) => power.start(await idOf(instanceId, options), options),
    stop: (instanceId, options) => stop(driver, instanceId, options),
    kill: async (instanceId, options) => power.kill(await idOf(instanceId, options), options),
    reset: async (instanceId, options) =>
      present(driver, power.reset, 'power.reset')(await idOf(instanceId, options), options),
    reboot: (instanceId, options) => reboot(driver, instanceId, options),
    pause: async (instanceId, options) =>
      present(driver, driver.suspension?.pause, 'suspension.pause')(await idOf(instanceId, options), options),
    resume: async (instanceId, options) =>
      present(driver, driver.suspension?.resume, 'suspension.pause')(await idOf(instanceId, options), options),
  };
}

async function stop(
  driver: OpenDriver,
  instanceId: string,
  { force = false, ...options }: StopOptions = {},
): Promise<MachineState> {
  const { id } = await machineOf(driver, instanceId, options);
  const state = force
    ? await askIfPossible(driver, id, options)
    : await present(driver, driver.power.stop, 'power.stopGuest')(id, options);
  if (state === 'stopped' || !force) return state;
  // The deadline was for the guest's answer; cutting power has its own.
  await driver.power.kill(id, options.signal ? { signal: options.signal } : {});
  return 'stopped';
}

async function askIfPossible(driver: OpenDriver, id: MachineId, options: CallOptions): Promise<MachineState> {
  try {
    return (await driver.power.stop?.(id, options)) ?? 'running';
  } catch (error) {
    if (isDriverError(error, 'GUEST.UNAVAILABLE', 'MACHINE.WRONG_STATE', 'CALL.DEADLINE_EXCEEDED')) return 'running';
    throw error;
  }
}
