import { DriverError, poolId, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { findInstance, takeOver, writeInstance } from '../instance/record-store.js';
import type { InstanceRecord } from '../instance/record.js';
import type { ChangeContext } from './change-context.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { keyOf, volumeOf } from './disk-attachment.js';

/** Says in the record that the instance is being changed, and what must not remain if nobody finishes it. */
export async function mark(context: ChangeContext, options: CallOptions): Promise<void> {
  context.instance = await takeOver(context.driver, context.found, markedRecord(context), options);
}

/**
 * Gives the instance its old record back, if this change still has it. While a new volume could not be removed the record
 * stays, because `reconcile` finds the volume by it.
 */
export async function unmark(context: ChangeContext, options: CallOptions): Promise<void> {
  const { driver, found, plan, journal, foreign, unsettled } = context;
  const instance = await findInstance(driver, found.instanceId, options);
  if (instance?.record.journal?.run !== journal.run) return;
  for (const { disk } of plan.create) {
    if (foreign.has(disk.volumeName)) continue;
    const there = await driver.volumes.find({ pool: poolId(disk.pool), name: disk.volumeName }, options);
    if (!there && !unsettled.has(disk.volumeName)) continue;
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${disk.volumeName} is there or may come; the instance keeps the record of it.`,
      { subject: disk.volumeName },
    );
  }
  // Growing cannot be taken back, so the record tells how large disks are now.
  const disks = plan.grow ? await sizesNow(driver, found.record.disks, options) : found.record.disks;
  await writeInstance(driver, instance, { ...found.record, disks: [...disks] }, options);
}

/** The disks with the sizes that their volumes have. */
export const sizesNow = (
  driver: OpenDriver,
  disks: readonly DiskRecord[],
  options: CallOptions,
): Promise<readonly DiskRecord[]> =>
  Promise.all(
    disks.map(async (disk) => {
      const volume = volumeOf(disk);
      return volume ? { ...disk, sizeBytes: String((await driver.volumes.get(volume, options)).sizeBytes) } : disk;
    }),
  );

/** From here on the instance is the new one, and what is left to do is to clear away the old. */
export async function commit(context: ChangeContext, options: CallOptions): Promise<void> {
  context.instance = await writeInstance(context.driver, context.instance, committedRecord(context), options);
}

// The record may have been written and only the answer lost: then it must not be believed while all is taken back.
export async function uncommit(context: ChangeContext, options: CallOptions): Promise<void> {
  const { driver, found, journal } = context;
  const instance = await findInstance(driver, found.instanceId, options);
  const isOurs = instance?.record.journal?.run === journal.run && instance.record.change?.stage === 'committed';
  if (instance && isOurs) await writeInstance(driver, instance, markedRecord(context), options);
}

/** The change is over. */
export async function finish(context: ChangeContext, options: CallOptions): Promise<void> {
  context.instance = await writeInstance(
    context.driver,
    context.instance,
    restingRecord(context.instance.record),
    options,
  );
}

/** The record without anything that only matters while the instance is changed. */
export function restingRecord({ change: _change, journal: _journal, ...record }: InstanceRecord): InstanceRecord {
  const disks = record.disks.map(({ attachment: _attachment, ...disk }) => disk);
  return { ...record, phase: 'ready', disks };
}

function markedRecord({ found, journal, plan }: ChangeContext): InstanceRecord {
  const { flow, before, create } = plan;
  const { power, machine } = before;
  // Until the change is made they are this flow's, whoever owns them afterwards.
  const remove = create.map(({ disk }) => ({ ...disk, owned: true }));
  const change: InstanceRecord['change'] = {
    flow,
    stage: 'forward',
    power,
    machine,
    remove,
    loose: others(plan.after.disks, [...before.disks, ...remove]),
  };
  return { ...found.record, phase: 'changing', journal, disks: [...before.disks], change };
}

function committedRecord({ found, journal, plan, made }: ChangeContext): InstanceRecord {
  const { flow, after, remove, record = {} } = plan;
  const disks = after.disks.map((disk) => made.get(disk.volumeName) ?? disk);
  const { power, machine } = after;
  const change: InstanceRecord['change'] = {
    flow,
    stage: 'committed',
    power,
    machine,
    remove: [...remove],
    loose: others(plan.before.disks, [...disks, ...remove]),
  };
  const kept = 'kept' in record ? record.kept : found.record.kept;
  const { kept: _kept, rescued: _rescued, ...old } = found.record;
  return {
    ...old,
    phase: 'changing',
    journal,
    start: power === 'running',
    disks,
    change,
    ...(record.image && { image: record.image }),
    ...(kept && { kept }),
    ...((record.rescued ?? found.record.rescued) && { rescued: true }),
  };
}

/** Those of one side of a change that the other side does not know. */
function others(disks: readonly DiskRecord[], known: readonly DiskRecord[]): DiskRecord[] {
  return disks.filter((disk) => !known.some((one) => keyOf(one) === keyOf(disk)));
}

/** Volumes that a plan would make and that are there already, whoever made them. */
export async function checkNamesFree(
  { driver, plan, found }: Pick<ChangeContext, 'driver' | 'plan' | 'found'>,
  options: CallOptions,
): Promise<void> {
  for (const { disk } of plan.create) {
    if (!(await driver.volumes.find({ pool: poolId(disk.pool), name: disk.volumeName }, options))) continue;
    const text = `Volume ${disk.volumeName} is in pool ${disk.pool} already and instance ${found.instanceId} does not know it; look whose it is.`;
    throw new DriverError('VOLUME.EXISTS', text, { subject: keyOf(disk) });
  }
}
