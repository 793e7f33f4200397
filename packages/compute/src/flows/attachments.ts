import { DriverError, type Disk, type DiskSpec, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import type { ChangeOptions } from '../change/change-context.js';
import { diskWith, hasVolume } from '../change/disk-attachment.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { attachedDisk, diskOfVolume, planAttach, planDetach } from '../plans/plan-volume.js';
import { callOf } from './flow-options.js';

/** How to attach a volume; see `DiskSpec`. */
export type AttachWish = Omit<DiskSpec, 'volume' | 'device'>;

/**
 * Attaches a volume to an instance, running or not, and notes it in the record as not the instance's own: destroying the
 * instance leaves it alone. Attaching it again in the same way returns the same disk.
 * Errors: `MACHINE.NOT_FOUND`, `MACHINE.BUSY` (not complete), and those of `disks.attach`.
 */
export async function attachVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  wish: AttachWish = {},
  options: ChangeOptions = {},
): Promise<Disk> {
  const instance = await changeable(driver, instanceId, options);
  const { machine, record } = instance;
  const present = diskWith(machine, volume);
  const known = record.disks.some((disk) => hasVolume(disk, volume));
  // The driver knows whether it is the same way.
  if (present && known) return driver.disks.attach(machine.id, { ...wish, volume }, callOf(options));
  const layout = layoutOf(instance);
  const found = await driver.volumes.get(volume, callOf(options));
  const disk = attachedDisk(found, attachmentOfWish(wish), wish.serial);
  const changed = await runChange(driver, instance, planAttach({ record, layout, volume }, disk), {}, options);
  const attached = diskWith(changed.instance.machine, volume);
  if (attached) return attached;
  throw new DriverError(
    'DRIVER.FAULT',
    `Volume ${volume.key} was attached to instance ${instanceId} without a disk to show.`,
  );
}

function attachmentOfWish({ bus, readOnly, shared, limits }: AttachWish): DiskRecord['attachment'] {
  return {
    device: 'disk',
    ...(bus && { bus }),
    ...(readOnly && { readOnly }),
    ...(shared && { shared }),
    ...(limits?.throughput !== undefined && { throughput: String(limits.throughput) }),
    ...(limits?.operations !== undefined && { operations: String(limits.operations) }),
  };
}

/**
 * Detaches a volume that was attached with `attachVolume`; it stays as it is. Succeeds when it is not attached.
 * Errors: `REQUEST.INVALID` (one of the instance's own disks), and those of `disks.detach`.
 */
export async function detachVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  options: ChangeOptions = {},
): Promise<void> {
  const instance = await changeable(driver, instanceId, options);
  const { machine, record } = instance;
  const known = record.disks.some((disk) => hasVolume(disk, volume));
  const present = diskWith(machine, volume);
  // Somebody attached it past the record.
  if (!known && present) await driver.disks.detach(machine.id, present.id, callOf(options));
  if (!known) return;
  const layout = layoutOf(instance);
  const plan = planDetach({ record, layout, volume });
  if (diskOfVolume(layout, volume)) await runChange(driver, instance, plan, {}, options);
}
