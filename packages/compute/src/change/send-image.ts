import type { CallOptions } from '@virt-drivers/core';
import { callOf } from '../flows/flow-options.js';
import { present } from '../flows/machine-of.js';
import type { ChangeContext } from './change-context.js';
import { sizeOf, volumeOf } from './disk-attachment.js';

/** Hands the content of the first new disk to who asked for it. Errors: `CAPABILITY.ABSENT`, and those of `volumes.export`. */
export async function sendImage(context: ChangeContext, options: CallOptions): Promise<void> {
  const { driver, plan, made, receive } = context;
  const name = plan.create[0]?.disk.volumeName;
  const disk = name === undefined ? undefined : made.get(name);
  const volume = disk && volumeOf(disk);
  if (!disk || !volume) throw new Error('There is no image to send.');
  const exportVolume = present(driver, driver.volumes.export, 'volumes.export');
  // What every driver that exports at all can do.
  const format = 'raw';
  const content = exportVolume(volume, { format }, callOf(options));
  await receive?.({ format, virtualSizeBytes: sizeOf(disk), content });
}
