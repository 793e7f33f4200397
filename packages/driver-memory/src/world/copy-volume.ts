import { DriverError, type CopyVolume, type Volume } from '@virt-drivers/core';
import { BLOCK_BYTES } from '../content/content-store.js';
import { addVolume, checkNewVolume, madeBefore, roundUp } from './new-volume.js';
import { findVolume } from './find.js';
import { addLayer, freeze, readBlock, writeBlock, writtenBlocks } from './layers.js';
import type { Scene } from './scene.js';
import { checkRoom } from './space.js';
import type { VolumeState } from './state.js';
import { viewVolume } from './view.js';
import { checkNotWritten } from './written.js';

/** A layer of its own with all that the source holds now. */
export function copyContent(scene: Scene, source: VolumeState): string {
  const target = addLayer(scene).id;
  for (const block of writtenBlocks(scene, source.layer))
    writeBlock(scene, target, block, readBlock(scene, source.layer, block));
  return target;
}

/** Bytes that a copy takes. */
export const copyBytes = (scene: Scene, source: VolumeState): bigint =>
  BigInt(writtenBlocks(scene, source.layer).length * BLOCK_BYTES);

/** Makes a volume from another one, or throws before anything has changed. */
export function copyVolume(scene: Scene, request: CopyVolume): Volume {
  const before = madeBefore(scene, request);
  if (before) return before;
  const source = findVolume(scene, request.source);
  const format = checkNewVolume(scene, request);
  checkNotWritten(scene, source);
  const sizeBytes = roundUp(request.sizeBytes ?? source.sizeBytes);
  if (sizeBytes < source.sizeBytes) {
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${source.id.key} has ${source.sizeBytes} bytes; a copy cannot have fewer.`,
      {
        subject: source.id.key,
      },
    );
  }
  const isLinked = request.mode === 'linked';
  const needed = request.provisioning === 'thick' ? sizeBytes : isLinked ? 0n : copyBytes(scene, source);
  checkRoom(scene, request.pool, needed, sizeBytes);
  const layer = isLinked ? addLayer(scene, freeze(scene, source)).id : copyContent(scene, source);
  const { encryption } = source;
  const volume = addVolume(scene, request, {
    format,
    sizeBytes,
    layer,
    ...(isLinked && { base: source.id }),
    ...(encryption && { encryption: { ...encryption } }),
  });
  return viewVolume(scene, volume);
}
