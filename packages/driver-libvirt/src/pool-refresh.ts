import { isDriverError, type CallOptions, type PoolId } from '@virt-drivers/core';
import { retryWhile } from '@virt-drivers/core/kit';
import { storagePoolRefresh, type StoragePool } from '@virt-drivers/libvirt';
import type { LibvirtSession } from './session.js';

// QUIRK(libvirt 9.0): told as an internal error. src/storage/storage_driver.c storagePoolRefresh
const BUSY_POOL = { INTERNAL_ERROR: { code: 'POOL.UNAVAILABLE', says: 'is making volumes; try again' } } as const;

/** Has a pool look at what the host wrote behind its back. A pool that is making a volume refuses, and soon does not. */
export async function refreshPool(
  { daemon, pools }: LibvirtSession,
  id: PoolId,
  options: CallOptions,
): Promise<StoragePool> {
  const pool = await pools.find(id, options);
  const about = { what: `Pool ${id}`, subject: id, means: BUSY_POOL };
  await retryWhile(
    options,
    (bounded) => daemon.call(about, bounded, (connection, call) => storagePoolRefresh(connection, pool, 0, call)),
    { when: (error) => isDriverError(error, 'POOL.UNAVAILABLE') },
  );
  return pool;
}
