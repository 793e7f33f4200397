import type { CallOptions, PoolId, VolumeId } from '@virt-drivers/core';
import type { LibvirtSession } from '../session.js';
import type { Backend, Place } from './backend.js';
import { backendOf } from './backends.js';

/** The pool that volumes are to be made in. Errors: `POOL.NOT_FOUND`. */
export async function placeIn(session: LibvirtSession, id: PoolId, options: CallOptions): Promise<Place> {
  const pool = await session.pools.find(id, options);
  return { session, pool, native: await session.pools.describe(pool, options) };
}

/** Where a volume is and how it is kept. Errors: `POOL.NOT_FOUND`, `REQUEST.INVALID`. */
export async function placeOf(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): Promise<{ readonly place: Place; readonly backend: Backend }> {
  const place = await placeIn(session, id.pool, options);
  const backend = backendOf(place.native, id);
  await backend.settle?.(place, id, options);
  return { place, backend };
}

/** Volumes that continue this one. Errors: `VOLUME.NOT_FOUND`. */
export async function continuing(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): Promise<readonly VolumeId[]> {
  const { place, backend } = await placeOf(session, id, options);
  const native = await session.files.read(id, options);
  return backend.usage(place, { id, native }, options);
}
