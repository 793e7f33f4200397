import {
  DriverError,
  isDriverError,
  poolId,
  type CallOptions,
  type NewVolume,
  type OpenDriver,
  type Volume,
} from '@virt-drivers/core';
import { createDisk } from '../disks/create-disk.js';
import { removeOwnedVolume } from '../disks/remove-disk.js';
import { copyByBytes } from '../disks/copy-bytes.js';
import { finishTask, type FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { ChangeContext } from './change-context.js';
import type { NewDisk } from './change-plan.js';
import { sizeOf, volumeOf } from './disk-attachment.js';

/** Makes the volume of a new disk. Its name was free when the record claimed it. */
export async function makeDisk(
  context: ChangeContext,
  { disk, from }: NewDisk,
  step: string,
  options: CallOptions,
): Promise<void> {
  const { onProgress, driver, contents } = context;
  const watched: FinishOptions = {
    ...callOf(options),
    ...(onProgress && { onProgress: (progress) => onProgress({ step, progress }) }),
    onUnsettled: () => context.unsettled.add(disk.volumeName),
  };
  try {
    const volume =
      from.kind === 'copy'
        ? await copyDisk(driver, disk, from.of, watched)
        : await createDisk(driver, creatable(disk), contents, watched);
    context.made.set(disk.volumeName, completed(disk, volume));
  } catch (error) {
    if (isDriverError(error, 'VOLUME.EXISTS')) context.foreign.add(disk.volumeName);
    throw error;
  }
}

/** Removes the volume of a new disk, whether it was finished or not. */
export async function unmakeDisk(
  { driver, foreign }: ChangeContext,
  { disk }: NewDisk,
  options: CallOptions,
): Promise<void> {
  if (foreign.has(disk.volumeName)) return;
  await removeVolume(driver, { ...disk, owned: true }, options);
}

/** Deletes a volume that the record names as the instance's own. Succeeds when it is gone; touches no disk. */
export async function removeVolume(driver: OpenDriver, disk: DiskRecord, options: CallOptions): Promise<void> {
  if (!disk.owned) return;
  const volume = volumeOf(disk);
  await removeOwnedVolume(
    driver,
    undefined,
    { pool: poolId(disk.pool), volumeName: disk.volumeName, ...(volume && { volume }) },
    options,
  );
}

/** The disk's record once its volume is there. */
export const completed = (disk: DiskRecord, { id, format, sizeBytes }: Volume): DiskRecord => ({
  ...disk,
  format,
  sizeBytes: String(sizeBytes),
  volume: { pool: id.pool, key: id.key },
});

/** A volume of its own with all that another holds now; by the host where it can, else by its bytes. */
export async function copyDisk(
  driver: OpenDriver,
  disk: DiskRecord,
  of: DiskRecord,
  options: FinishOptions,
): Promise<Volume> {
  const source = volumeOf(of);
  if (!source)
    throw new DriverError('VOLUME.NOT_FOUND', `Disk ${of.volumeName} has no volume yet.`, { subject: of.volumeName });
  const { createFromVolume } = driver.volumes;
  if (!createFromVolume) return copyByBytes(driver, source, driver, newVolume(disk), sizeOf(disk), options);
  const request = { ...newVolume(disk), source, sizeBytes: sizeOf(disk), mode: 'full' } as const;
  return finishTask(await createFromVolume(request, callOf(options)), options);
}

/** What every way of making the disk's volume needs. */
export const newVolume = ({ pool, volumeName, format, provisioning }: DiskRecord): NewVolume => ({
  pool: poolId(pool),
  name: volumeName,
  ...(format && { format }),
  ...(provisioning && { provisioning }),
});

function creatable(disk: DiskRecord) {
  const { role, origin, format, provisioning } = disk;
  if (role === 'attached' || role === 'scratch' || origin.kind === 'existing')
    throw new Error(`Disk ${disk.volumeName} is not one that is created from a description.`);
  return {
    role: role === 'rescue' ? ('root' as const) : role,
    volumeName: disk.volumeName,
    pool: poolId(disk.pool),
    origin,
    sizeBytes: sizeOf(disk),
    ...(format && { format }),
    ...(provisioning && { provisioning }),
    attachment: {},
  };
}
