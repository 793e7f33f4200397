import { DriverError, isDriverError, type CallOptions, type MachineSpec, type NicSpec } from '@virt-drivers/core';
import { recordBody, type InstanceRecord } from '../../instance/record.js';
import { findInstance, readInstance, takeOver } from '../../instance/record-store.js';
import type { InstanceNic, InstanceSpec } from '../../instance/spec.js';
import { claimed, type SpawnContext } from './context.js';
import { claimRecord } from './records.js';

/**
 * Makes the machine, without disks, with a record that names everything to come: from here on whatever is left by an
 * interruption is found through it. Of several spawns of one id only one succeeds. A resumed spawn takes the record over.
 */
export async function claim(context: SpawnContext, options: CallOptions): Promise<void> {
  const { driver, spec, resumed } = context;
  const record = claimRecord(context);
  if (resumed) {
    checkSamePlan(claimed(context).record, record);
    context.instance = await takeOver(driver, claimed(context), record, options);
    return;
  }
  const machine = await driver.machines
    .create({ ...machineSpec(spec), record: { owner: spec.instanceId, body: recordBody(record) } }, options)
    .catch((error: unknown) => {
      throw isDriverError(error, 'REQUEST.CONFLICT') ? alreadyClaimed(spec, error) : error;
    });
  const instance = await readInstance(driver, machine, options);
  // Where a hypervisor lets the second of two creators replace the first, this is where the first notices.
  if (instance && instance.record.journal?.run !== context.journal.run) throw alreadyClaimed(spec);
  if (!instance)
    throw new DriverError('DRIVER.FAULT', `Machine ${machine.id} was made without the record it was given.`, {
      subject: machine.id,
    });
  context.instance = instance;
}

/**
 * Deletes the machine, if it is the one that this spawn claimed. While one of its volumes could not be removed the machine
 * stays, because its record is what `reconcile` finds the volume by.
 */
export async function unclaim(
  { driver, spec, journal, plan, foreign, unsettled }: SpawnContext,
  options: CallOptions,
): Promise<void> {
  const instance = await findInstance(driver, spec.instanceId, options);
  if (instance?.record.journal?.run !== journal.run) return;
  for (const { pool, volumeName } of plan) {
    if (foreign.has(volumeName)) continue;
    if (unsettled.has(volumeName) || (await driver.volumes.find({ pool, name: volumeName }, options))) {
      throw new DriverError(
        'VOLUME.IN_USE',
        `Volume ${volumeName} is there or may come; its machine keeps the record of it.`,
        { subject: volumeName },
      );
    }
  }
  await driver.machines.delete(instance.machine.id, { kill: true }, options);
}

function machineSpec(spec: InstanceSpec): MachineSpec {
  const { name, description, cpu, memory, host, architecture, guestFamily, serialPort, extensions } = spec;
  return {
    name,
    cpu,
    memory,
    boot: spec.boot ?? { firmware: 'bios' },
    disks: [],
    nics: (spec.nics ?? []).map(nicSpec),
    clientToken: spec.instanceId,
    ...(description !== undefined && { description }),
    ...(host !== undefined && { host }),
    ...(architecture !== undefined && { architecture }),
    ...(guestFamily && { guestFamily }),
    ...(serialPort !== undefined && { serialPort }),
    ...(extensions && { extensions }),
  };
}

// What the guest is told about a nic is not the machine's business.
const nicSpec = ({ mtu: _mtu, addresses: _addresses, ...nic }: InstanceNic): NicSpec => nic;

// The old record is about to be replaced: nothing that it names may be forgotten, or kept for another image.
function checkSamePlan(before: InstanceRecord, now: InstanceRecord): void {
  const planned = ({ image, disks }: InstanceRecord): string =>
    JSON.stringify([image?.sha256, ...disks.map(({ pool, volumeName, origin }) => [pool, volumeName, origin.kind])]);
  if (planned(before) === planned(now)) return;
  const text = `Instance ${now.instanceId} was begun with another image or other disks and never finished; destroy it, then spawn it.`;
  throw new DriverError('REQUEST.CONFLICT', text, { subject: now.instanceId });
}

/** Somebody else spawns the same instance at this moment. */
export const alreadyClaimed = ({ instanceId }: InstanceSpec, cause?: DriverError): DriverError =>
  new DriverError('MACHINE.BUSY', `Instance ${instanceId} is being spawned by somebody else; wait for that to end.`, {
    subject: instanceId,
    cause,
  });
