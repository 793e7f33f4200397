import { poolId, type DiskFormat, type OpenDriver, type PoolId, type Volume } from '@virt-drivers/core';
import type { ChangeOptions, ReceiveImage } from '../change/change-context.js';
import { describePlan, type PlannedChange } from '../change/change-plan.js';
import { layoutOf } from '../change/layout.js';
import { changeable, runChange } from '../change/run-change.js';
import { planImage, type ImagePlanInput } from '../plans/plan-image.js';
import { callOf } from './flow-options.js';

/** How to make an image of an instance. */
export interface ImageOptions extends ChangeOptions {
  /** Have the guest bring its file systems to rest first; fails when it cannot. Default false. */
  readonly quiesce?: boolean;
}

/** Which volume becomes the image. */
export interface ImageTarget {
  readonly name: string;
  /** Default: where the root disk is. */
  readonly pool?: PoolId;
  readonly format?: DiskFormat;
}

/**
 * Makes a volume that is an image of the instance's root disk, by the host itself where it can copy volumes: no byte passes
 * through here. The volume is the caller's. A running guest pauses for the copy. With `dryRun` there is no volume.
 * Errors: `VOLUME.EXISTS`, `CAPABILITY.ABSENT` (`quiesce`), `GUEST.UNAVAILABLE`, `POOL.FULL`, and as `resize`.
 */
export async function createImage(
  driver: OpenDriver,
  instanceId: string,
  target: ImageTarget,
  options: ImageOptions = {},
): Promise<{ readonly plan: PlannedChange; readonly volume?: Volume }> {
  const { pool, name } = target;
  const { plan, run } = await prepare(driver, instanceId, { target }, options);
  const described = await run(undefined);
  if (options.dryRun) return { plan: described };
  const where = poolId(pool ?? plan.create[0]?.disk.pool ?? '');
  const volume = await driver.volumes.find({ pool: where, name }, callOf(options));
  return { plan: described, ...(volume && { volume }) };
}

/**
 * Hands the content of the instance's root disk, raw and as of one moment, to `receive`, which reads at its own pace while
 * the guest runs on. Errors: as `createImage`, and what `receive` throws.
 */
export async function saveImage(
  driver: OpenDriver,
  instanceId: string,
  receive: ReceiveImage,
  options: ImageOptions = {},
): Promise<PlannedChange> {
  const { run } = await prepare(driver, instanceId, {}, options);
  return run(receive);
}

async function prepare(
  driver: OpenDriver,
  instanceId: string,
  wish: Pick<ImagePlanInput, 'target'>,
  { quiesce, ...options }: ImageOptions,
) {
  const instance = await changeable(driver, instanceId, options);
  const canSave = driver.suspension?.save !== undefined;
  const input = { record: instance.record, layout: layoutOf(instance), canSave, ...wish };
  const plan = planImage({ ...input, ...(quiesce !== undefined && { quiesce }) });
  const run = async (receive: ReceiveImage | undefined): Promise<PlannedChange> => {
    await runChange(driver, instance, plan, receive ? { receive } : {}, options);
    return describePlan(plan);
  };
  return { plan, run };
}
