import type { OpenDriver } from '@virt-drivers/core';
import type { Changed, ChangeOptions } from '../change/change-context.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import type { Gate } from '../image-gate/admit-image.js';
import type { ImageWish } from '../instance/spec.js';
import { planRescue, planUnrescue } from '../plans/plan-rescue.js';
import { letIn } from './let-in.js';

/**
 * Starts an instance from a rescue image, its own disks behind that one as data; see `planRescue`. Until it is unrescued
 * it can be destroyed, and not resized, rebuilt or moved. Errors: as `rebuild`.
 */
export async function rescue(
  driver: OpenDriver,
  gate: Gate | undefined,
  instanceId: string,
  { image }: { readonly image: ImageWish },
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const layout = layoutOf(instance);
  const { source, planned } = await letIn(gate, instanceId, image, options);
  const plan = planRescue({ record: instance.record, layout, image: planned });
  return runChange(driver, instance, plan, { image: source }, options);
}

/** Starts a rescued instance from its own disks again; the rescue disk goes. Errors: as `rebuild`. */
export async function unrescue(driver: OpenDriver, instanceId: string, options: ChangeOptions = {}): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const plan = planUnrescue({ record: instance.record, layout: layoutOf(instance) });
  return runChange(driver, instance, plan, {}, options);
}
