import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type Machine,
  type MachineId,
  type MachineRecord,
  type MachineRecordInput,
} from '@virt-drivers/core';
import { retryWhile } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { toOptionValues } from '../convert/extra-config.js';
import { readRecord, recordSettings } from '../convert/record-text.js';
import { ownerUuid } from '../identity.js';
import { reconfigureAsSeen } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import { refuseLargeRecord } from './settings.js';

/** The record of a machine. Errors: `MACHINE.NOT_FOUND`. */
export async function readMachineRecord(
  { machines }: VmwareSession,
  id: MachineId,
  options: CallOptions,
): Promise<MachineRecord | undefined> {
  return readRecord((await machines.view(id, options)).settings, id);
}

/**
 * Compare and set: the server refuses the change (`ConcurrentAccess`) when anything of the machine's configuration
 * changed since it was read, by whatever client; it is read again then and decided anew.
 */
export async function writeMachineRecord(
  session: VmwareSession,
  id: MachineId,
  record: MachineRecordInput,
  ifRevision: string | null,
  options: CallOptions,
): Promise<MachineRecord> {
  refuseLargeRecord(record);
  return session.locks.run(id, options, () =>
    retryWhile(options, (call) => writeOnce(session, id, record, ifRevision, call), {
      when: (error) => error.native?.code === 'ConcurrentAccess',
    }),
  );
}

async function writeOnce(
  session: VmwareSession,
  id: MachineId,
  record: MachineRecordInput,
  ifRevision: string | null,
  options: CallOptions,
): Promise<MachineRecord> {
  const view = await session.machines.view(id, options);
  const known = readRecord(view.settings, id);
  if ((known?.revision ?? null) !== ifRevision) {
    const now = known ? `has revision ${known.revision}` : 'does not exist';
    const message = `Record of machine ${id} ${now}, not ${ifRevision ?? 'absent'}. Read it again and decide anew.`;
    throw new DriverError('RECORD.CONFLICT', message, { subject: id });
  }
  const revision = randomUUID();
  const extraConfig = toOptionValues(recordSettings(record, revision, id, view.settings));
  await reconfigureAsSeen(session, view, { extraConfig }, options);
  return { owner: record.owner, revision, body: record.body };
}

/**
 * The machine whose record has this owner. The first that was made for an owner has an id of that owner, which the
 * server finds by its index; all are read only where that is not it.
 */
export async function findByOwner(
  { machines }: VmwareSession,
  owner: string,
  options: CallOptions,
): Promise<Machine | undefined> {
  try {
    const { machine } = await machines.view(machineId(ownerUuid(owner)), options);
    if (machine.recordOwner === owner) return machine;
  } catch (error) {
    if (!isDriverError(error, 'MACHINE.NOT_FOUND')) throw error;
  }
  for await (const view of machines.all(options))
    if (!isDriverError(view) && view.machine.recordOwner === owner) return view.machine;
  return undefined;
}
