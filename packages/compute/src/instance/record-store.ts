import { DriverError, isDriverError, type CallOptions, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { Instance } from './instance.js';
import { checkInstanceId } from './instance-id.js';
import { parseRecord, recordBody, type InstanceRecord } from './record.js';

/** An instance with the revision of its record, which the next write must name. */
export interface StoredInstance extends Instance {
  readonly revision: string;
}

/** Finds an instance by its id, or undefined. Errors: `REQUEST.INVALID`, `REQUEST.CONFLICT` (a record that is not ours). */
export async function findInstance(
  driver: OpenDriver,
  instanceId: string,
  options: CallOptions = {},
): Promise<StoredInstance | undefined> {
  checkInstanceId(instanceId);
  const machine = await driver.machines.find({ recordOwner: instanceId }, options);
  return machine && readInstance(driver, machine, options);
}

/** Reads the record of a machine; undefined when it has none (any more). */
export async function readInstance(
  driver: OpenDriver,
  machine: Machine,
  options: CallOptions = {},
): Promise<StoredInstance | undefined> {
  const stored = await driver.machines.record(machine.id, options);
  if (!stored) return undefined;
  const record = parseRecord(stored.owner, stored.body);
  return { instanceId: record.instanceId, machine, record, revision: stored.revision };
}

/** The instance. Errors: `MACHINE.NOT_FOUND`, and those of `findInstance`. */
export async function getInstance(
  driver: OpenDriver,
  instanceId: string,
  options: CallOptions = {},
): Promise<StoredInstance> {
  const found = await findInstance(driver, instanceId, options);
  if (found) return found;
  throw new DriverError('MACHINE.NOT_FOUND', `Instance ${instanceId} does not exist here; list shows what does.`, {
    subject: instanceId,
  });
}

/** Writes a changed record if nobody else has meanwhile. Errors: `RECORD.CONFLICT`. */
export async function writeInstance(
  driver: OpenDriver,
  instance: StoredInstance,
  record: InstanceRecord,
  options: CallOptions = {},
): Promise<StoredInstance> {
  const input = { owner: instance.instanceId, body: recordBody(record) };
  const written = await driver.machines.writeRecord(
    instance.machine.id,
    input,
    { ifRevision: instance.revision },
    options,
  );
  return { ...instance, record, revision: written.revision };
}

/** Writes a record that says who works on the instance from now on. Errors: `MACHINE.BUSY` (somebody else was faster). */
export async function takeOver(
  driver: OpenDriver,
  instance: StoredInstance,
  record: InstanceRecord,
  options: CallOptions,
): Promise<StoredInstance> {
  try {
    return await writeInstance(driver, instance, record, options);
  } catch (cause) {
    if (!isDriverError(cause, 'RECORD.CONFLICT')) throw cause;
    const text = `Instance ${instance.instanceId} was changed by somebody else just now; look at it and try again.`;
    throw new DriverError('MACHINE.BUSY', text, { subject: instance.instanceId, cause });
  }
}

/**
 * Refuses to go on when the record was written on another endpoint: then this machine is a copy, or the address leads to
 * another host than it did, and what the record names may belong to somebody else. Errors: `REQUEST.CONFLICT`.
 */
export function checkOwnership(driver: OpenDriver, { instanceId, record }: Instance): void {
  if (record.endpointId === driver.endpointId) return;
  throw new DriverError(
    'REQUEST.CONFLICT',
    `Instance ${instanceId} was recorded on endpoint ${record.endpointId} and this is ${driver.endpointId}; nothing of it is touched here.`,
    { subject: instanceId },
  );
}
