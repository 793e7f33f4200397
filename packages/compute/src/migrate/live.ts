import { poolId, type CallOptions, type MigrationPlan, type OpenDriver } from '@virt-drivers/core';
import { runSteps } from '@virt-drivers/core/kit';
import { diskWith, volumeOf } from '../change/disk-attachment.js';
import type { Layout } from '../change/layout.js';
import { layoutOf } from '../change/layout.js';
import { changeable } from '../change/run-change.js';
import { callOf } from '../flows/flow-options.js';
import { asRun } from '../flows/journal.js';
import type { Instance } from '../instance/instance.js';
import { getInstance, type StoredInstance } from '../instance/record-store.js';
import { refuseUnsettled } from '../plans/plan-error.js';
import { nextName, partOf } from '../plans/next-name.js';
import type { MoveContext, MoveTarget } from './move-context.js';
import type { MoveOptions, MoveWish } from './move-options.js';
import { check, migrationOf, moveSteps } from './move-steps.js';
import { diskAt, placeDisks, type Placement, type Sides } from './place-disks.js';

/** An instance that moved, or with `dryRun` would. */
export interface Moved {
  readonly steps: readonly string[];
  /** The instance where it is now. */
  readonly instance: Instance;
}

/**
 * Moves an instance with its machine to another host, of the same endpoint or of another, by the hypervisors themselves:
 * a running one keeps running, a stopped one stays stopped. Disks that the destination does not see are copied. After a
 * failure it is where it was, as it was; aborting the signal aborts the move.
 * Errors: `MIGRATION.INCOMPATIBLE`, `MIGRATION.FAILED`, `CAPABILITY.ABSENT`, `MACHINE.NOT_FOUND`, `MACHINE.BUSY`, `REQUEST.CONFLICT`,
 * `POOL.FULL`, `HOST.NOT_ENOUGH_RESOURCES`, and the drivers'.
 */
export async function liveMigrate(
  source: OpenDriver,
  destination: OpenDriver,
  instanceId: string,
  wish: MoveWish = {},
  options: MoveOptions = {},
): Promise<Moved> {
  const { onProgress, onStatistics, dryRun, stopWithin: _stopWithin, ...stepOptions } = options;
  const sides: Sides = { source, destination };
  const found = await movable(source, instanceId, options);
  const placement = await placeDisks(sides, found.record, wish.pool, callOf(options));
  const targets = targetsOf(sides, found, placement);
  const plan = planOf(found, layoutOf(found), targets, wish);
  const flow = moveSteps(targets);
  const steps = flow.map(({ name }) => name);
  // Both sides must have the facet before anything is written.
  migrationOf(source);
  migrationOf(destination);
  return asRun('migrate', async (journal) => {
    const context: MoveContext = {
      ...sides,
      found,
      instance: found,
      journal,
      plan,
      placement,
      targets,
      made: new Map(),
      ...(onProgress && { onProgress }),
      ...(onStatistics && { onStatistics }),
    };
    if (dryRun) {
      await check(context, callOf(options));
      return { steps, instance: found };
    }
    await runSteps(flow, context, stepOptions);
    return { steps, instance: await getInstance(destination, instanceId, callOf(options)) };
  });
}

/** The instance with its disks in the order in which the guest sees them, if it may move. */
export async function movable(driver: OpenDriver, instanceId: string, options: CallOptions): Promise<StoredInstance> {
  const instance = await changeable(driver, instanceId, options);
  refuseUnsettled(instance.record);
  return { ...instance, record: { ...instance.record, disks: [...layoutOf(instance).disks] } };
}

/**
 * A volume on the destination for each disk that must be copied: made as the record says that the old one was. Hypervisors
 * copy what a running machine writes to; the rest is copied here, whatever it is based on.
 */
function targetsOf(
  { source, destination }: Sides,
  { machine, record }: StoredInstance,
  placement: Placement,
): readonly MoveTarget[] {
  const isSame = source.endpointId === destination.endpointId;
  return [...placement].flatMap(([old, place]) => {
    const attached = diskWith(machine, volumeOf(old));
    if (!place || !attached) return [];
    const { id, readOnly, device } = attached;
    const isFixed = machine.state === 'stopped' || readOnly || device === 'media';
    const { attachment: _attachment, ...disk } = diskAt(old, place);
    const volumeName = isSame ? nextName(record, partOf(record, old)) : old.volumeName;
    return [{ id, disk: { ...disk, volumeName }, ...(isFixed && { copyOf: old }) }];
  });
}

function planOf(
  { machine }: StoredInstance,
  { power }: Layout,
  targets: readonly MoveTarget[],
  wish: MoveWish,
): MigrationPlan {
  const { host, networks = {}, bandwidth, downtime, postCopy, encrypt } = wish;
  const nics = machine.nics.flatMap(({ id, network }) => {
    const other = networks[network];
    return other === undefined ? [] : [{ nic: id, network: other }];
  });
  return {
    machine: machine.id,
    mode: power === 'running' ? 'live' : 'offline',
    ...(host !== undefined && { host }),
    ...(targets.length > 0 && { disks: targets.map(({ id, disk }) => ({ disk: id, pool: poolId(disk.pool) })) }),
    ...(nics.length > 0 && { nics }),
    ...(bandwidth !== undefined && { bandwidth }),
    ...(downtime !== undefined && { downtime }),
    ...(postCopy && { postCopy }),
    ...(encrypt && { encrypt }),
  };
}
