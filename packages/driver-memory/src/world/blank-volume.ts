import type { BlankVolume, Volume } from '@virt-drivers/core';
import { addLayer } from './layers.js';
import { addVolume, checkNewVolume, madeBefore, roundUp } from './new-volume.js';
import type { Scene } from './scene.js';
import { checkRoom } from './space.js';
import type { VolumeState } from './state.js';
import { viewVolume } from './view.js';

/** Makes a volume of zeros, or finds the one that an equal request made. */
export function makeBlankVolume(
  scene: Scene,
  request: BlankVolume,
  rest: Pick<VolumeState, 'encryption'> = {},
): Volume {
  const before = madeBefore(scene, request);
  if (before) return before;
  const format = checkNewVolume(scene, request);
  const sizeBytes = roundUp(request.sizeBytes);
  checkRoom(scene, request.pool, request.provisioning === 'thick' ? sizeBytes : 0n, sizeBytes);
  return viewVolume(scene, addVolume(scene, request, { format, sizeBytes, layer: addLayer(scene).id, ...rest }));
}
