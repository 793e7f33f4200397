import { DriverError, type CallOptions, type OpenDriver, type PoolId } from '@virt-drivers/core';
import { volumeOf } from '../change/disk-attachment.js';
import { refusePlan } from '../plans/plan-error.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';

/** Where a disk is after a move: `undefined` stays, because both sides see it. */
export type Placement = ReadonlyMap<DiskRecord, PoolId | undefined>;

/** The two sides of a move. */
export interface Sides {
  readonly source: OpenDriver;
  readonly destination: OpenDriver;
}

/**
 * Says for each disk whether the destination sees it where it is, and if not, in which pool it goes. A volume that is not
 * the instance's own is never copied. Errors: `MIGRATION.INCOMPATIBLE` (the destination does not see one of those).
 */
export async function placeDisks(
  { source, destination }: Sides,
  record: InstanceRecord,
  pool: PoolId | undefined,
  options: CallOptions,
): Promise<Placement> {
  const isSame = source.endpointId === destination.endpointId;
  const placement = new Map<DiskRecord, PoolId | undefined>();
  for (const disk of record.disks) {
    const stays = isSame ? pool === undefined : await sees(destination, disk, options);
    if (!stays && !disk.owned) {
      const what = `has volume ${disk.volumeName} attached, which the destination does not see; detach it first`;
      throw refusePlan(record, what, 'MIGRATION.INCOMPATIBLE');
    }
    placement.set(disk, stays ? undefined : (pool ?? (await roomiest(destination, options))));
  }
  return placement;
}

async function sees(destination: OpenDriver, disk: DiskRecord, options: CallOptions): Promise<boolean> {
  const volume = volumeOf(disk);
  const pools = await destination.volumes.pools(options).all();
  const pool = pools.find(({ id, shared }) => shared && id === volume?.pool);
  if (!pool || !volume) return false;
  const found = await destination.volumes.find({ pool: pool.id, name: disk.volumeName }, options);
  return found !== undefined && found.id.key === volume.key;
}

async function roomiest(destination: OpenDriver, options: CallOptions): Promise<PoolId> {
  const ready = (await destination.volumes.pools(options).all()).filter(({ state }) => state === 'ready');
  const [best] = ready.sort((a, b) => (a.freeBytes < b.freeBytes ? 1 : -1));
  if (best) return best.id;
  throw new DriverError('POOL.NOT_FOUND', `Endpoint ${destination.target} has no pool that is ready.`);
}
