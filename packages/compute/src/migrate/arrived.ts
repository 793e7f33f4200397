import type { CallOptions, Machine, OpenDriver } from '@virt-drivers/core';
import { completed } from '../change/new-disks.js';
import { diskOf } from '../disks/remove-disk.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { refusePlan } from '../plans/plan-error.js';
import type { InstanceRecord } from '../instance/record.js';

/**
 * The disks of a record as they are on a machine that has just moved: the same ones in the same order, possibly with other
 * volumes. Errors: `REQUEST.CONFLICT` (they are not the same ones).
 */
export async function arrivedDisks(
  driver: OpenDriver,
  machine: Machine,
  record: InstanceRecord,
  options: CallOptions,
): Promise<readonly DiskRecord[]> {
  const withVolume = machine.disks.filter(({ volume }) => volume !== undefined);
  const disks: DiskRecord[] = [];
  for (const [index, disk] of record.disks.entries()) {
    const { serial } = disk;
    const bySerial = serial === undefined ? undefined : diskOf(machine, { serial });
    const id = (bySerial ?? withVolume[index])?.volume;
    if (!id) throw refusePlan(record, `arrived without disk ${disk.volumeName}`, 'REQUEST.CONFLICT');
    const volume = await driver.volumes.get(id, options);
    disks.push({ ...completed(disk, volume), pool: id.pool, volumeName: volume.name });
  }
  return disks;
}
