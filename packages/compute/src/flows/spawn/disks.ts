import { isDriverError, sameVolume, type CallOptions, type ImageSource } from '@virt-drivers/core';
import { createDisk } from '../../disks/create-disk.js';
import { deleteVolume, removeOwnedVolume } from '../../disks/remove-disk.js';
import type { FinishOptions } from '../finish-task.js';
import { callOf } from '../flow-options.js';
import { claimed, plannedDisk, type SpawnContext } from './context.js';

/**
 * Creates the volume of a part. A resumed spawn keeps a volume that is attached already: it was complete then. One that
 * is not may have been cut off half-way, so it is made again.
 */
export async function createPart(
  context: SpawnContext,
  part: string,
  step: string,
  options: CallOptions,
): Promise<void> {
  const { driver, onProgress, volumes, configDrive, resumed } = context;
  const disk = plannedDisk(context, part);
  if (resumed) {
    const there = await driver.volumes.find({ pool: disk.pool, name: disk.volumeName }, options);
    const attached =
      there && claimed(context).machine.disks.some(({ volume }) => volume && sameVolume(volume, there.id));
    if (there && attached) {
      volumes.set(disk.volumeName, there);
      return;
    }
    if (there) await deleteVolume(driver, there.id, options);
  }
  const image = imageOf(context, part);
  const contents = { ...(image && { image }), ...(configDrive && { configDrive }) };
  const watched: FinishOptions = {
    ...callOf(options),
    ...(onProgress && { onProgress: (progress) => onProgress({ step, progress }) }),
    onUnsettled: () => context.unsettled.add(disk.volumeName),
  };
  try {
    volumes.set(disk.volumeName, await createDisk(driver, disk, contents, watched));
  } catch (error) {
    if (isDriverError(error, 'VOLUME.EXISTS')) context.foreign.add(disk.volumeName);
    throw error;
  }
}

/** The disk of the image that a part starts with: the first one for the root disk, then `image1` and so on. */
function imageOf({ images }: SpawnContext, part: string): ImageSource | undefined {
  return images?.[Number(/^image(\d+)$/.exec(part)?.[1] ?? 0)];
}

/** Deletes the volume of a part, whether it was finished or not. Its name was free when the record claimed it. */
export async function uncreatePart(context: SpawnContext, part: string, options: CallOptions): Promise<void> {
  const { pool, volumeName } = plannedDisk(context, part);
  if (context.foreign.has(volumeName)) return;
  await removeOwnedVolume(context.driver, undefined, { pool, volumeName }, options);
}

/** Attaches the volume of a part, which says at the same time that the volume is complete. */
export async function attachPart(context: SpawnContext, part: string, options: CallOptions): Promise<void> {
  const { driver, volumes } = context;
  const disk = plannedDisk(context, part);
  const volume = volumes.get(disk.volumeName);
  if (!volume) throw new Error(`Volume ${disk.volumeName} was not created yet.`);
  await driver.disks.attach(claimed(context).machine.id, { ...disk.attachment, volume: volume.id }, options);
}

/** Detaches the volume of a part. */
export async function unattachPart(context: SpawnContext, part: string, options: CallOptions): Promise<void> {
  const { driver, volumes } = context;
  const volume = volumes.get(plannedDisk(context, part).volumeName);
  const machine = await driver.machines.get(claimed(context).machine.id, options);
  const disk = machine.disks.find((one) => volume && one.volume && sameVolume(one.volume, volume.id));
  if (disk) await driver.disks.detach(machine.id, disk.id, options);
}
