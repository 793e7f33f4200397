import type { OpenDriver } from '@virt-drivers/core';
import type { Changed, ChangeOptions } from '../change/change-context.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import { planConfirm, planRevert } from '../plans/plan-confirm.js';
import { planResize, type ResizeWish } from '../plans/plan-resize.js';

/**
 * Gives an instance other processors, memory or disk sizes, on the host where it is; see `planResize`. What it was is kept
 * until `confirmResize` or `revertResize`. After a failure it is as before.
 * Errors: `VOLUME.CANNOT_SHRINK`, `REQUEST.INVALID`, `REQUEST.CONFLICT`, `MACHINE.NOT_FOUND`, `MACHINE.BUSY`,
 * `MACHINE.WRONG_STATE`, `SNAPSHOT.BLOCKS`, `POOL.FULL`, `HOST.NOT_ENOUGH_RESOURCES`, and the driver's.
 */
export async function resize(
  driver: OpenDriver,
  instanceId: string,
  wish: ResizeWish,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planResize({ record: instance.record, layout: layoutOf(instance), wish });
  return runChange(driver, instance, plan, {}, options);
}

/** Ends a resize: the old disks go. The guest notices nothing. Errors: `REQUEST.CONFLICT` (nothing to confirm), and as `resize`. */
export async function confirmResize(
  driver: OpenDriver,
  instanceId: string,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planConfirm({ record: instance.record, layout: layoutOf(instance) });
  return runChange(driver, instance, plan, {}, options);
}

/** Takes a resize back: the old disks return with what they held; see `planRevert`. Errors: as `confirmResize`. */
export async function revertResize(
  driver: OpenDriver,
  instanceId: string,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planRevert({ record: instance.record, layout: layoutOf(instance) });
  return runChange(driver, instance, plan, {}, options);
}
