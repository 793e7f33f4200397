import { bytes, type Bytes, type PoolId } from '@virt-drivers/core';
import { poolFull } from '../errors.js';
import { findPool } from './find.js';
import { allocatedBytes } from './layers.js';
import type { Scene } from './scene.js';
import type { VolumeState } from './state.js';

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** What a volume takes of its pool: all of it when thick, what was written when thin. */
export const occupiedBytes = (scene: Scene, volume: VolumeState): bigint =>
  larger(allocatedBytes(scene, volume), volume.thick ? volume.sizeBytes : 0n);

/** What is left in the pool. */
export function freeBytes(scene: Scene, pool: PoolId): Bytes {
  const used = Object.values(scene.state.volumes)
    .filter(({ id }) => id.pool === pool)
    .reduce((sum, volume) => sum + occupiedBytes(scene, volume), 0n);
  return bytes(larger(0n, findPool(scene, pool).capacityBytes - used));
}

/**
 * `POOL.FULL` unless the pool has room: now for `needed` bytes, and ever for a volume of `size` bytes. Thin volumes may
 * promise more together than the pool has, one alone may not.
 */
export function checkRoom(scene: Scene, pool: PoolId, needed: bigint, size: bigint): void {
  const { name, capacityBytes } = findPool(scene, pool);
  const free = freeBytes(scene, pool);
  if (needed > free || size > capacityBytes) throw poolFull(`"${name}" (${pool})`, larger(needed, size), free);
}
