import { DriverError, type CallOptions, type PoolId } from '@virt-drivers/core';
import { readPool } from '../pools.js';
import type { VmwareSession } from '../session.js';

/** Bytes that each pool will get. */
export type Room = ReadonlyMap<PoolId, bigint>;

/** Errors: `POOL.FULL`, `POOL.UNAVAILABLE`. Disks are counted whole: whether they stay thin is the datastore's business. */
export async function refuseLackOfSpace(session: VmwareSession, room: Room, options: CallOptions): Promise<void> {
  for (const [id, wanted] of room) {
    const { state, freeBytes, name } = await readPool(session, id, options);
    if (state !== 'ready')
      throw new DriverError('POOL.UNAVAILABLE', `Pool ${name} is in state ${state}. Choose another.`, { subject: id });
    if (freeBytes !== undefined && freeBytes < wanted)
      throw new DriverError('POOL.FULL', `Pool ${name} has ${freeBytes} bytes free, not ${wanted}.`, { subject: id });
  }
}
