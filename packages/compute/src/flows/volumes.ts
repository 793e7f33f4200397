import type { Bytes, OpenDriver, VolumeId } from '@virt-drivers/core';
import type { Changed, ChangeOptions } from '../change/change-context.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import { planExtend, planSwap, type SwapWish } from '../plans/plan-volume.js';

/**
 * Grows a disk of an instance where it is, its own or an attached one, running where the driver can. Growing to its
 * present size succeeds. Errors: `VOLUME.NOT_FOUND`, `VOLUME.CANNOT_SHRINK`, `SNAPSHOT.BLOCKS`, and those of `volumes.grow`.
 */
export async function extendVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  sizeBytes: Bytes,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planExtend({ record: instance.record, layout: layoutOf(instance), volume }, sizeBytes);
  return runChange(driver, instance, plan, {}, options);
}

/**
 * Moves what a disk of an instance holds to a volume of its own, and goes on with that one; see `planSwap`. The guest is
 * shut down for it. Errors: `VOLUME.NOT_FOUND`, `VOLUME.EXISTS`, `REQUEST.INVALID`, and as `resize`.
 */
export async function swapVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  wish: SwapWish,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planSwap({ record: instance.record, layout: layoutOf(instance), volume }, wish);
  return runChange(driver, instance, plan, {}, options);
}
