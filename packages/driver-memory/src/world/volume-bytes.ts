import { BLOCK_BYTES } from '../content/content-store.js';
import { hasContent, readBlock } from './layers.js';
import type { Scene } from './scene.js';
import type { VolumeState } from './state.js';

// Beyond the end of every volume that a pool of a world can hold: what a guest keeps there is never exported.
const BLOCK_BEYOND_ANY_VOLUME = 2 ** 26;

/** Bytes of the volume as a guest reads them; shorter at the end of the volume. */
export function readVolume(scene: Scene, volume: VolumeState, offset: number, length: number): Uint8Array {
  const end = Math.min(offset + length, Number(volume.sizeBytes));
  const result = new Uint8Array(Math.max(0, end - offset));
  for (let at = offset; at < end; ) {
    const block = Math.floor(at / BLOCK_BYTES);
    const from = at - block * BLOCK_BYTES;
    const piece = readBlock(scene, volume.layer, block).subarray(from, Math.min(BLOCK_BYTES, from + end - at));
    result.set(piece, at - offset);
    at += piece.length;
  }
  return result;
}

/**
 * The block in which a simulated guest keeps its files: the volume's last whole one where the image leaves it zero, so
 * that an export shows that the guest wrote; else one that no export reaches. Undefined for a volume without content,
 * on which a guest would find no file system.
 */
export function guestDataBlock(
  scene: Scene,
  volume: VolumeState,
  isOurs: (block: Uint8Array) => boolean,
): number | undefined {
  if (!hasContent(scene, volume.layer)) return undefined;
  const beyond = readBlock(scene, volume.layer, BLOCK_BEYOND_ANY_VOLUME);
  if (isOurs(beyond)) return BLOCK_BEYOND_ANY_VOLUME;
  const last = Math.floor(Number(volume.sizeBytes) / BLOCK_BYTES) - 1;
  const block = last < 0 ? undefined : readBlock(scene, volume.layer, last);
  const isFree = block !== undefined && (isOurs(block) || block.every((byte) => byte === 0));
  return isFree ? last : BLOCK_BEYOND_ANY_VOLUME;
}
