import { DriverError, isDriverError, poolId, type CallOptions } from '@virt-drivers/core';
import type { LibvirtSession } from '../session.js';
import type { Place } from './backend.js';

/**
 * A directory pool of the host: what goes into a store that libvirt moves no bytes to, or comes out of it, is a file in
 * between. The first by name, so that what a killed process left is looked for where it is.
 * Errors: `POOL.NOT_FOUND` when there is none.
 */
export async function stagingPlace(session: LibvirtSession, options: CallOptions): Promise<Place> {
  const names = (await session.pools.list(options)).map(({ name }) => name).sort();
  for (const name of names) {
    const found = await session.pools.directory(poolId(name), options).catch(unlessOther);
    if (found) return { session, pool: found.pool, native: found };
  }
  throw new DriverError(
    'POOL.NOT_FOUND',
    'Host has no pool of type dir, through which content goes to and from network stores. Define one.',
  );
}

function unlessOther(error: unknown): undefined {
  if (isDriverError(error, 'REQUEST.INVALID', 'POOL.NOT_FOUND')) return undefined;
  throw error;
}
