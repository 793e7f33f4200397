import { poolId, type CallOptions, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { Duration } from '@virt-drivers/core/kit';
import { asRun } from '../flows/journal.js';
import type { ChangeRecord } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { takeOver, writeInstance, type StoredInstance } from '../instance/record-store.js';
import { restingRecord, sizesNow } from './change-records.js';
import { diskWith, specOf, volumeOf } from './disk-attachment.js';
import { diskMoves, type DiskMoves } from './layout.js';
import { fromShape, sameShape, shapeOf } from './machine-shape.js';
import { STOP_WITHIN, turnOff, turnOn } from './machine-power.js';
import { removeVolume } from './new-disks.js';

/** How to end a change that was interrupted. */
export interface SettleOptions extends CallOptions {
  /** How long a guest that must go down for it gets before its power is cut. Default: 60 seconds. */
  readonly stopWithin?: Duration;
}

/**
 * Ends a change that was interrupted: makes the machine agree with its record, which has the old state or the new one, and
 * removes what the record says must not remain. May itself be interrupted and called again.
 */
export async function settleChange(
  driver: OpenDriver,
  instance: StoredInstance,
  change: ChangeRecord,
  { stopWithin = STOP_WITHIN, ...options }: SettleOptions,
): Promise<void> {
  await asRun(change.flow, async (journal) => {
    const claimed = await takeOver(driver, instance, { ...instance.record, journal }, options);
    const machine = await converge(driver, claimed, change, stopWithin, options);
    for (const disk of change.remove) await removeVolume(driver, disk, options);
    if (change.power === 'running') await turnOn(driver, machine, options);
    const disks = await sizesNow(driver, claimed.record.disks, options);
    await writeInstance(driver, claimed, restingRecord({ ...claimed.record, disks: [...disks] }), options);
  });
}

async function converge(
  driver: OpenDriver,
  { machine: { id }, record }: StoredInstance,
  change: ChangeRecord,
  stopWithin: Duration,
  options: CallOptions,
): Promise<Machine> {
  const machine = await driver.machines.get(id, options);
  const { off, on } = difference(machine, record.disks, [
    ...(await located(driver, change.remove, options)),
    ...(change.loose ?? []),
  ]);
  const shape = change.machine && !sameShape(change.machine, shapeOf(machine)) ? change.machine : undefined;
  const hot = [...off, ...on].every(({ role }) => role === 'attached');
  if (change.power === 'stopped' || shape || !hot) await turnOff(driver, id, stopWithin, options);
  for (const disk of [...off].reverse()) {
    const attached = diskWith(machine, volumeOf(disk));
    if (attached) await driver.disks.detach(id, attached.id, options);
  }
  if (shape) await driver.machines.update(id, fromShape(shape), options);
  for (const disk of on) {
    const volume = volumeOf(disk);
    if (volume) await driver.disks.attach(id, specOf(disk, volume), options);
  }
  return driver.machines.get(id, options);
}

/** Which disks must come off and go on so that the machine has those of the record, in their order. Pure. */
function difference(machine: Machine, wanted: readonly DiskRecord[], unwanted: readonly DiskRecord[]): DiskMoves {
  const known = [...wanted, ...unwanted];
  const have = machine.disks.flatMap((one) => {
    const disk = known.find((record) => one === diskWith(machine, volumeOf(record)));
    return disk ? [disk] : [];
  });
  return diskMoves(have, wanted);
}

// A volume that was still to be made has no id in the record; its name was free when the record claimed it.
async function located(
  driver: OpenDriver,
  disks: readonly DiskRecord[],
  options: CallOptions,
): Promise<readonly DiskRecord[]> {
  return Promise.all(
    disks.map(async (disk) => {
      if (disk.volume) return disk;
      const found = await driver.volumes.find({ pool: poolId(disk.pool), name: disk.volumeName }, options);
      return found ? { ...disk, volume: { ...found.id } } : disk;
    }),
  );
}
