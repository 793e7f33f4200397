import {
  bytes,
  DriverError,
  poolId,
  type Bytes,
  type DiskFormat,
  type NewVolume,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { unmet } from '../errors.js';
import { doneBefore, remember } from './fingerprint.js';
import { findReadyPool } from './find.js';
import { tell } from './journal.js';
import { addLayer, sweepLayers } from './layers.js';
import { nextId, type Scene } from './scene.js';
import type { VolumeInMaking, VolumeState } from './state.js';
import { viewVolume } from './view.js';

const SECTOR_BYTES = 512n;

/** Sizes are whole sectors: rounded up. */
export const roundUp = (size: bigint): Bytes => bytes(((size + SECTOR_BYTES - 1n) / SECTOR_BYTES) * SECTOR_BYTES);

/** The volume that an equal request with the same token made, if it is still there. */
export function madeBefore(scene: Scene, request: NewVolume): Volume | undefined {
  const { volume } = doneBefore(scene, 'volume', request.clientToken, request) ?? {};
  const state = volume && scene.state.volumes[volume.key];
  return state && viewVolume(scene, state);
}

/** Checks what holds for every new volume; returns its format. */
export function checkNewVolume(scene: Scene, { pool, name, format }: NewVolume): DiskFormat {
  const { formats } = findReadyPool(scene, pool);
  const wanted = format ?? formats[0] ?? 'raw';
  if (!formats.includes(wanted)) {
    throw unmet(`Volume "${name}"`, {
      needs: 'volume-format',
      value: formats.join('|'),
      reason: `Pool ${pool} keeps no volumes in format ${wanted}.`,
    });
  }
  const isTaken = [
    ...Object.values(scene.state.volumes),
    ...scene.state.making.map((one) => ({ id: one, name: one.name })),
  ].some((other) => other.id.pool === pool && other.name === name);
  if (isTaken) {
    throw new DriverError('VOLUME.EXISTS', `Volume "${name}" is already in pool ${pool}; choose another name.`, {
      subject: name,
    });
  }
  return wanted;
}

/** Puts a finished volume into its pool. */
export function addVolume(
  scene: Scene,
  request: NewVolume,
  rest: Omit<VolumeState, 'id' | 'name' | 'thick' | 'snapshots'>,
): VolumeState {
  const id: VolumeId = { pool: poolId(request.pool), key: nextId(scene, 'volume') };
  const volume: VolumeState = {
    id,
    name: request.name,
    thick: request.provisioning === 'thick',
    snapshots: [],
    ...rest,
  };
  scene.state.volumes[id.key] = volume;
  remember(scene, 'volume', request.clientToken, request, { volume: id });
  tell(scene, { kind: 'pool-changed', pool: id.pool });
  return volume;
}

/** Takes the name and makes an empty layer, while content is on its way. */
export function beginVolume(scene: Scene, { pool, name }: NewVolume, needsScratch: boolean): VolumeInMaking {
  const making: VolumeInMaking = {
    pool,
    name,
    layer: addLayer(scene).id,
    process: process.pid,
    ...(needsScratch && { scratch: addLayer(scene).id }),
  };
  scene.state.making.push(making);
  return making;
}

/** Nobody makes it any more; its layers go unless a volume has them now. */
export function endMaking(scene: Scene, { layer }: VolumeInMaking): void {
  const { making } = scene.state;
  const index = making.findIndex((one) => one.layer === layer);
  if (index >= 0) making.splice(index, 1);
  sweepLayers(scene);
}
