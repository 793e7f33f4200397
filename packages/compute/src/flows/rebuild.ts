import type { OpenDriver } from '@virt-drivers/core';
import type { Changed, ChangeOptions } from '../change/change-context.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import type { Gate } from '../image-gate/admit-image.js';
import type { ImageWish } from '../instance/spec.js';
import { planRebuild } from '../plans/plan-rebuild.js';
import { letIn } from './let-in.js';

/** How to rebuild. */
export interface RebuildWish {
  readonly image: ImageWish;
  /** Default false: ephemeral and swap disks are blank afterwards. */
  readonly keepEphemerals?: boolean;
}

/**
 * Gives an instance a new root disk from an image; see `planRebuild` for what becomes of the other disks. It does what it
 * did before, running or stopped. After a failure the old disks are there as they were.
 * Errors: those of the gate, `MACHINE.NOT_FOUND`, `MACHINE.BUSY`, `MACHINE.WRONG_STATE`, `REQUEST.CONFLICT`,
 * `REQUEST.INVALID`, `SNAPSHOT.BLOCKS`, `POOL.FULL`, and the driver's.
 */
export async function rebuild(
  driver: OpenDriver,
  gate: Gate | undefined,
  instanceId: string,
  { image, keepEphemerals }: RebuildWish,
  options: ChangeOptions = {},
): Promise<Changed> {
  const instance = await changeable(driver, instanceId, options);
  const layout = layoutOf(instance);
  const { source, planned } = await letIn(gate, instanceId, image, options);
  const plan = planRebuild({
    record: instance.record,
    layout,
    image: { ...planned, name: source.name },
    ...(keepEphemerals !== undefined && { keepEphemerals }),
  });
  return runChange(driver, instance, plan, { image: source }, options);
}
