import { DriverError, type CallOptions, type CapabilityName, type Machine, type OpenDriver } from '@virt-drivers/core';
import { checkInstanceId } from '../instance/instance-id.js';

/** The machine of an instance, without its record. Errors: `REQUEST.INVALID`, `MACHINE.NOT_FOUND`. */
export async function machineOf(driver: OpenDriver, instanceId: string, options: CallOptions = {}): Promise<Machine> {
  checkInstanceId(instanceId);
  const machine = await driver.machines.find({ recordOwner: instanceId }, options);
  if (machine) return machine;
  throw new DriverError('MACHINE.NOT_FOUND', `Instance ${instanceId} does not exist here; list shows what does.`, {
    subject: instanceId,
  });
}

/** A member that the endpoint may lack. Errors: `CAPABILITY.ABSENT`, with the reason where the endpoint gave one. */
export function present<T>(driver: OpenDriver, member: T | undefined, capability: CapabilityName): T {
  if (member !== undefined) return member;
  const why =
    driver.narrowings.find((narrowing) => capability.startsWith(narrowing.capability))?.reason ??
    'its driver does not have it.';
  throw new DriverError('CAPABILITY.ABSENT', `Endpoint ${driver.target} has no ${capability}: ${why}`, {
    subject: capability,
  });
}
