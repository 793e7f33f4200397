import {
  DriverError,
  isDriverError,
  type CachedImage,
  type Images,
  type ImageSource,
  type NewVolume,
  type OpenDriver,
  type Support,
  type Volume,
} from '@virt-drivers/core';
import { finishTask, type FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import type { CreatableDisk } from './plan-disks.js';

/** Contents that disks of a plan start with. */
export interface DiskContents {
  readonly image?: ImageSource;
  readonly configDrive?: ImageSource;
}

/** Creates the volume of a planned disk. After an error there is none. Errors: those of `volumes.create…`, `images.ensure`. */
export async function createDisk(
  driver: OpenDriver,
  disk: CreatableDisk,
  contents: DiskContents,
  options: FinishOptions,
): Promise<Volume> {
  switch (disk.origin.kind) {
    case 'blank':
      return driver.volumes.create({ ...newVolume(disk), sizeBytes: disk.sizeBytes }, callOf(options));
    case 'image':
      return fromImage(driver, disk, needed(disk, contents.image), options);
    case 'content':
      return fromContent(driver, disk, needed(disk, contents.configDrive), options);
  }
}

const newVolume = ({ pool, volumeName, format, provisioning }: CreatableDisk): NewVolume => ({
  pool,
  name: volumeName,
  ...(format && { format }),
  ...(provisioning && { provisioning }),
});

/** By the host's image cache and a volume that continues it, where the driver has both; else by its bytes. */
async function fromImage(
  driver: OpenDriver,
  disk: CreatableDisk,
  image: ImageSource,
  options: FinishOptions,
): Promise<Volume> {
  const { images, volumes } = driver;
  if (!images || !volumes.createFromVolume) return fromContent(driver, disk, image, options);
  const cached = await cachedImage(images, disk, image, options);
  if (!cached) return fromContent(driver, disk, image, options);
  const linked = canLink(driver.supports('volumes.linkedClone')) && disk.format !== 'raw';
  const copy = { ...newVolume(disk), source: cached.volume, sizeBytes: disk.sizeBytes } as const;
  try {
    const mode = linked ? 'linked' : 'full';
    return await finishTask(await volumes.createFromVolume({ ...copy, mode }, callOf(options)), options);
  } catch (error) {
    // Not every format that the pool has can continue an image.
    if (!linked || !isDriverError(error, 'CAPABILITY.CONDITION_UNMET')) throw error;
    return finishTask(await volumes.createFromVolume({ ...copy, mode: 'full' }, callOf(options)), options);
  }
}

/** A disk that could not grow later is none for an instance. */
const canLink = (support: Support | undefined): boolean =>
  support === true || (support?.conditions.every(({ needs }) => needs !== 'volume-size') ?? false);

/** The image in the pool's cache; undefined where this pool, or an image in this format, cannot be cached. */
async function cachedImage(
  images: Images,
  { pool }: CreatableDisk,
  image: ImageSource,
  options: FinishOptions,
): Promise<CachedImage | undefined> {
  try {
    return await finishTask(await images.ensure(pool, image, callOf(options)), options);
  } catch (error) {
    if (isDriverError(error, 'CAPABILITY.CONDITION_UNMET')) return undefined;
    throw error;
  }
}

async function fromContent(
  driver: OpenDriver,
  disk: CreatableDisk,
  content: ImageSource,
  options: FinishOptions,
): Promise<Volume> {
  if (!driver.volumes.createFromContent) {
    throw new DriverError(
      'CAPABILITY.ABSENT',
      `Volume ${disk.volumeName} cannot be made from content here: this endpoint takes none.`,
      {
        subject: disk.volumeName,
      },
    );
  }
  const volume = { ...newVolume(disk), content, sizeBytes: disk.sizeBytes };
  return finishTask(await driver.volumes.createFromContent(volume, callOf(options)), options);
}

function needed(disk: CreatableDisk, content: ImageSource | undefined): ImageSource {
  if (content) return content;
  throw new DriverError('REQUEST.INVALID', `Disk ${disk.volumeName} starts with content that was not given.`, {
    subject: disk.volumeName,
  });
}
