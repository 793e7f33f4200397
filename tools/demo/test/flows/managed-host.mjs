import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, openImageCache } from '@virt-drivers/compute';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';

/**
 * A manager of instances on a host, with a cache of images in a folder of its own.
 * @param change makes the driver another one
 */
export async function manageHost(target, change = (driver) => driver) {
  const directory = await mkdtemp(join(tmpdir(), 'virt-flows-'));
  const removeCache = () => rm(directory, { recursive: true });
  try {
    const cache = await openImageCache(directory);
    const driver = change(await libvirt.open({ target }));
    return {
      directory,
      driver,
      compute: createCompute(driver, { gate: { cache } }),
      async end() {
        await driver.close().finally(removeCache);
      },
    };
  } catch (error) {
    await removeCache();
    throw error;
  }
}
