import type { CallOptions, OpenDriver } from '@virt-drivers/core';
import type { Instance, InstanceSummary } from '../instance/instance.js';
import { isInstanceId } from '../instance/instance-id.js';
import { getInstance } from '../instance/record-store.js';

/** Every instance of the endpoint, one call for all of them; what carries a record of somebody else is left out. */
export async function* listInstances(driver: OpenDriver, options: CallOptions = {}): AsyncIterable<InstanceSummary> {
  for await (const machine of driver.machines.list({ recorded: true }, options)) {
    const { recordOwner } = machine;
    if (recordOwner !== undefined && isInstanceId(recordOwner)) yield { instanceId: recordOwner, machine };
  }
}

/** One instance with its record. Errors: `MACHINE.NOT_FOUND`, `REQUEST.INVALID`, `REQUEST.CONFLICT`. */
export async function showInstance(
  driver: OpenDriver,
  instanceId: string,
  options: CallOptions = {},
): Promise<Instance> {
  const { machine, record } = await getInstance(driver, instanceId, options);
  return { instanceId, machine, record };
}
