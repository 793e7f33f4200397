import type { World } from './world.js';

// Weakly, so that a world nobody has open any more can go.
const endpoints = new Map<string, WeakRef<World>>();

/** Makes the world known to others of this process, which may send machines to it. */
export function announce(endpointId: string, world: World): void {
  for (const [id, known] of endpoints) if (!known.deref()) endpoints.delete(id);
  endpoints.set(endpointId, new WeakRef(world));
}

/** The world behind an endpoint, if it is open in this process. */
export const worldOf = (endpointId: string): World | undefined => endpoints.get(endpointId)?.deref();
