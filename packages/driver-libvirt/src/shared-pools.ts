import { isDriverError, type CallOptions, type PoolId } from '@virt-drivers/core';
import { createSingleFlight } from '@virt-drivers/core/kit';
import { isWrittenByOthers } from './convert/pool-xml.js';
import type { Pools } from './pools.js';

/** Pools that other hosts write to as well. libvirt shows what it saw when it was last told to look. */
export interface SharedPools {
  /** Has libvirt look, unless it did so within these milliseconds; false for a pool that nobody else writes to. */
  look(id: PoolId, options: CallOptions, withinMilliseconds?: number): Promise<boolean>;
  /** Reads a volume, which may have come from another host: when it is not there, again after a look. */
  read<T>(id: PoolId, options: CallOptions, read: () => Promise<T>): Promise<T>;
}

export function createSharedPools(pools: Pools): SharedPools {
  const flights = createSingleFlight<PoolId, boolean>();
  const looked = new Map<PoolId, number>();

  const lookNow = async (id: PoolId, options: CallOptions): Promise<boolean> => {
    const pool = await pools.find(id, options);
    if (!isWrittenByOthers(await pools.describe(pool, options))) return false;
    const began = Date.now();
    await pools.refresh(pool, options);
    looked.set(id, began);
    return true;
  };

  const look: SharedPools['look'] = async (id, options, withinMilliseconds = 0) => {
    const at = looked.get(id);
    if (at !== undefined && Date.now() - at < withinMilliseconds) return true;
    return flights.run(id, options, (signal) => lookNow(id, { ...options, signal }));
  };

  return {
    look,
    async read(id, options, read) {
      try {
        return await read();
      } catch (error) {
        if (!isDriverError(error, 'VOLUME.NOT_FOUND') || !(await look(id, options))) throw error;
        return read();
      }
    },
  };
}
