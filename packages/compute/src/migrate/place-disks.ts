import {
  DriverError,
  type CallOptions,
  type DiskFormat,
  type OpenDriver,
  type Pool,
  type PoolId,
} from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import { discFormat } from '../disks/config-drive-format.js';
import { volumeOf } from '../change/disk-attachment.js';
import { refusePlan } from '../plans/plan-error.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';

/** Where a disk goes that is copied. */
export interface Place {
  readonly pool: PoolId;
  /** The format that it has, where the pool knows that one; absent: the pool's preferred one. */
  readonly format?: DiskFormat | undefined;
}

/** Where a disk is after a move: `undefined` stays, because both sides see it. */
export type Placement = ReadonlyMap<DiskRecord, Place | undefined>;

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
  const placement = new Map<DiskRecord, Place | undefined>();
  const pools = await destination.volumes.pools(options).all();
  for (const disk of record.disks) {
    const stays = isSame ? pool === undefined : await sees(destination, pools, disk, options);
    if (!stays && !disk.owned) {
      const what = `has volume ${disk.volumeName} attached, which the destination does not see; detach it first`;
      throw refusePlan(record, what, 'MIGRATION.INCOMPATIBLE');
    }
    placement.set(disk, stays ? undefined : placeIn(pools, pool ?? roomiest(destination, pools), disk));
  }
  return placement;
}

async function sees(
  destination: OpenDriver,
  pools: readonly Pool[],
  disk: DiskRecord,
  options: CallOptions,
): Promise<boolean> {
  const volume = volumeOf(disk);
  const pool = pools.find(({ id, shared }) => shared && id === volume?.pool);
  if (!pool || !volume) return false;
  const id = { pool: pool.id, key: volume.key };
  const found = await destination.volumes.get(id, options).catch(undefinedOn('VOLUME.NOT_FOUND'));
  return found?.name === disk.volumeName;
}

/** A disc stays one; any other disk is what the pool keeps. */
function placeIn(pools: readonly Pool[], id: PoolId, { role, format }: DiskRecord): Place {
  const pool = pools.find((one) => one.id === id);
  // A pool that is not there is the driver's to refuse.
  if (!pool || !format || pool.formats.includes(format)) return { pool: id, format };
  return { pool: id, format: role === 'config' ? discFormat(pool) : undefined };
}

function roomiest(destination: OpenDriver, pools: readonly Pool[]): PoolId {
  const ready = pools.filter(({ state }) => state === 'ready');
  const [best] = ready.sort((a, b) => (a.freeBytes < b.freeBytes ? 1 : -1));
  if (best) return best.id;
  throw new DriverError('POOL.NOT_FOUND', `Endpoint ${destination.target} has no pool that is ready.`);
}

/** The disk as it is to be at its new place. */
export function diskAt({ volume: _volume, format: _format, ...disk }: DiskRecord, { pool, format }: Place): DiskRecord {
  return { ...disk, pool, ...(format && { format }) };
}
