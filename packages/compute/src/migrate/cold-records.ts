import { DriverError, poolId, type CallOptions, type MachineSpec } from '@virt-drivers/core';
import { restingRecord } from '../change/change-records.js';
import { removeVolume } from '../change/new-disks.js';
import { recordBody, type InstanceRecord } from '../instance/record.js';
import { findInstance, readInstance, takeOver, writeInstance } from '../instance/record-store.js';
import type { ColdContext } from './cold-context.js';
import { diskAt } from './place-disks.js';
import type { DiskRecord } from '../instance/disk-record.js';

/** Says at the source that the instance is on its way. */
export async function markSource(context: ColdContext, options: CallOptions): Promise<void> {
  const { source, destination, found, journal, power } = context;
  const change: InstanceRecord['change'] = {
    flow: 'migrate',
    stage: 'forward',
    power,
    remove: [],
    to: { endpointId: destination.endpointId },
  };
  context.instance = await takeOver(source, found, { ...found.record, phase: 'changing', journal, change }, options);
}

/** Takes that back. */
export async function unmarkSource({ source, found, journal }: ColdContext, options: CallOptions): Promise<void> {
  const instance = await findInstance(source, found.instanceId, options);
  if (instance?.record.journal?.run !== journal.run) return;
  await writeInstance(source, instance, restingRecord(found.record), options);
}

/** The disks as they are going to be on the destination, without volumes yet. */
export const disksThere = ({ found, placement }: ColdContext): readonly DiskRecord[] =>
  found.record.disks.map((disk) => {
    const place = placement.get(disk);
    return place ? diskAt(disk, place) : disk;
  });

/** Makes the machine on the destination, without disks, with a record that names all that is to come. */
export async function claimCopy(context: ColdContext, options: CallOptions): Promise<void> {
  const { destination, found, journal, source } = context;
  const remove = disksThere(context).filter(({ owned, volume }) => owned && !volume);
  for (const disk of remove) await refuseTaken(context, disk, options);
  const { change: _change, ...old } = found.record;
  const record: InstanceRecord = {
    ...old,
    phase: 'changing',
    journal,
    endpointId: destination.endpointId,
    disks: [],
    change: {
      flow: 'migrate',
      stage: 'forward',
      power: 'stopped',
      remove: [...remove],
      from: { endpointId: source.endpointId },
    },
  };
  const spec = { ...machineSpec(context), record: { owner: found.instanceId, body: recordBody(record) } };
  const machine = await destination.machines.create(spec, options);
  const copy = await readInstance(destination, machine, options);
  if (copy?.record.journal?.run !== journal.run)
    throw new DriverError('MACHINE.BUSY', `Instance ${found.instanceId} is on its way here by somebody else already.`);
  context.copy = copy;
}

/** Removes what this run made on the destination: first its volumes, then the machine with the record of them. */
export async function unclaimCopy(context: ColdContext, options: CallOptions): Promise<void> {
  const { destination, found, journal, foreign } = context;
  const copy = await findInstance(destination, found.instanceId, options);
  if (copy?.record.journal?.run !== journal.run) return;
  for (const disk of copy.record.change?.remove ?? []) {
    if (!foreign.has(disk.volumeName)) await removeVolume(destination, disk, options);
  }
  await destination.machines.delete(copy.machine.id, { kill: true }, options);
}

/** From here on the instance is the one on the destination. */
export async function commitCopy(context: ColdContext, options: CallOptions): Promise<void> {
  const { destination, copy, made, power, source } = context;
  if (!copy) throw new Error('The destination was not claimed.');
  const disks = disksThere(context).map((disk) => made.get(disk.volumeName) ?? disk);
  const change: InstanceRecord['change'] = {
    flow: 'migrate',
    stage: 'committed',
    power,
    remove: [],
    from: { endpointId: source.endpointId },
  };
  const pool = disks[0]?.pool ?? copy.record.pool;
  context.copy = await writeInstance(destination, copy, { ...copy.record, pool, disks, change }, options);
}

// The record may have been written and only the answer lost.
export async function uncommitCopy(context: ColdContext, options: CallOptions): Promise<void> {
  const { destination, copy, found, journal } = context;
  const now = await findInstance(destination, found.instanceId, options);
  if (!copy || now?.record.journal?.run !== journal.run || now.record.change?.stage !== 'committed') return;
  await writeInstance(destination, now, copy.record, options);
}

/** The move is over. */
export async function finishCopy(context: ColdContext, options: CallOptions): Promise<void> {
  const { destination, copy } = context;
  if (copy) context.copy = await writeInstance(destination, copy, restingRecord(copy.record), options);
}

async function refuseTaken(
  { destination }: ColdContext,
  { pool, volumeName }: DiskRecord,
  options: CallOptions,
): Promise<void> {
  if (!(await destination.volumes.find({ pool: poolId(pool), name: volumeName }, options))) return;
  const text = `Volume ${volumeName} is in pool ${pool} of the destination already; look whose it is.`;
  throw new DriverError('VOLUME.EXISTS', text, { subject: volumeName });
}

function machineSpec({ found: { machine }, journal, wish }: ColdContext): MachineSpec {
  const { name, description, cpu, memory, boot, nics } = machine;
  const { host, networks = {} } = wish;
  return {
    name,
    ...(description !== undefined && { description }),
    cpu,
    memory,
    boot,
    disks: [],
    nics: nics.map(({ network, macAddress, model, linkUp, limits }) => ({
      network: networks[network] ?? network,
      macAddress,
      model,
      ...(!linkUp && { linkUp }),
      ...(limits && { limits }),
    })),
    clientToken: journal.run,
    ...(host !== undefined && { host }),
  };
}
