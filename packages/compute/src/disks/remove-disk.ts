import {
  DriverError,
  isDriverError,
  sameVolume,
  type CallOptions,
  type Disk,
  type Machine,
  type OpenDriver,
  type PoolId,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { retryWhile } from '@virt-drivers/core/kit';

/** A volume of an instance: by its id where that is known, else by its name. */
export interface OwnedVolume {
  readonly pool: PoolId;
  readonly volumeName: string;
  readonly volume?: VolumeId;
  /** What finds the disk when a snapshot put another volume in its place. */
  readonly serial?: string;
}

/** The disk of the machine that this volume is attached as; after snapshots it may have another volume now. */
export function diskOf(
  { disks }: Machine,
  { volume, serial }: Pick<OwnedVolume, 'volume' | 'serial'>,
): Disk | undefined {
  const attached = disks.find((disk) => volume && disk.volume && sameVolume(disk.volume, volume));
  return attached ?? disks.find((disk) => serial !== undefined && disk.serial === serial);
}

/**
 * Detaches a volume of an instance from its machine and deletes it, with what snapshots put on top of it. Succeeds when
 * it is already gone. Never deletes a volume that has another name than the record says.
 * Errors: `REQUEST.CONFLICT` (it has), and those of `disks.detach`, `volumes.delete`.
 */
export async function removeOwnedVolume(
  driver: OpenDriver,
  machine: Machine | undefined,
  owned: OwnedVolume,
  options: CallOptions,
): Promise<void> {
  const found = await findOwned(driver, owned, options);
  const disk = machine && diskOf(machine, { ...owned, ...(found && { volume: found.id }) });
  if (machine && disk) await driver.disks.detach(machine.id, disk.id, options);
  const top = disk?.volume;
  if (top && !(found && sameVolume(top, found.id))) await deleteVolume(driver, top, options);
  if (found) await deleteVolume(driver, found.id, options);
}

/** Deletes a volume, waiting for what the host may still be doing with it, for example for a process that died. */
export const deleteVolume = (driver: OpenDriver, id: VolumeId, options: CallOptions): Promise<void> =>
  retryWhile(options, (call) => driver.volumes.delete(id, call));

async function findOwned(
  driver: OpenDriver,
  { pool, volumeName, volume }: OwnedVolume,
  options: CallOptions,
): Promise<Volume | undefined> {
  const found = volume ? await getOrNothing(driver, volume, options) : undefined;
  if (!found) return driver.volumes.find({ pool, name: volumeName }, options);
  if (found.name === volumeName) return found;
  const text = `Volume ${found.id.key} is called "${found.name}" and was recorded as "${volumeName}"; it is somebody else's now and is not deleted.`;
  throw new DriverError('REQUEST.CONFLICT', text, { subject: found.id.key });
}

async function getOrNothing(driver: OpenDriver, id: VolumeId, options: CallOptions): Promise<Volume | undefined> {
  try {
    return await driver.volumes.get(id, options);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return undefined;
    throw error;
  }
}
