import { BLOCK_BYTES } from '../content/content-store.js';
import { addBlock, countBlocks, hasBlock } from '../content/extents.js';
import { nextId, type Scene } from './scene.js';
import type { LayerState, VolumeState } from './state.js';

const ZEROS = new Uint8Array(BLOCK_BYTES);

/** Makes an empty layer over its parent. */
export function addLayer(scene: Scene, parent?: string): LayerState {
  const layer: LayerState = { id: nextId(scene, 'layer'), extents: [], ...(parent !== undefined && { parent }) };
  scene.state.layers[layer.id] = layer;
  return layer;
}

/** The layer and all that it continues, newest first. */
export function chainOf({ state }: Scene, top: string): LayerState[] {
  const chain: LayerState[] = [];
  for (let id: string | undefined = top; id !== undefined; id = state.layers[id]?.parent) {
    const layer: LayerState | undefined = state.layers[id];
    if (layer) chain.push(layer);
  }
  return chain;
}

/** A block as a reader of this layer sees it. */
export function readBlock(scene: Scene, top: string, block: number): Uint8Array {
  const holder = chainOf(scene, top).find(({ extents }) => hasBlock(extents, block));
  return holder ? scene.content.read(holder.id, block) : ZEROS;
}

/** Writes a block, `BLOCK_BYTES` long, into this layer. */
export function writeBlock(scene: Scene, layer: string, block: number, data: Uint8Array): void {
  const target = scene.state.layers[layer];
  if (!target) throw new Error(`Layer ${layer} is gone while something writes to it.`);
  scene.content.write(layer, block, data);
  addBlock(target.extents, block);
}

/** Freezes what the volume holds now: later writes go to a new layer. Returns the frozen one. */
export function freeze(scene: Scene, volume: VolumeState): string {
  const top = scene.state.layers[volume.layer];
  // Nothing was written since the last time: that point in time is this one too.
  if (top?.parent !== undefined && top.extents.length === 0) return top.parent;
  const frozen = volume.layer;
  volume.layer = addLayer(scene, frozen).id;
  return frozen;
}

/** Numbers of the blocks that are not simply zero, in order. */
export function writtenBlocks(scene: Scene, top: string): number[] {
  const blocks = new Set<number>();
  for (const { extents } of chainOf(scene, top)) {
    for (const [from, to] of extents) for (let block = from; block < to; block += 1) blocks.add(block);
  }
  return [...blocks].sort((a, b) => a - b);
}

/** True when something was ever written. */
export const hasContent = (scene: Scene, top: string): boolean =>
  chainOf(scene, top).some(({ extents }) => extents.length > 0);

/** Bytes that the volume itself occupies: not what it continues of another volume. */
export function allocatedBytes(scene: Scene, volume: VolumeState): bigint {
  const base = volume.base && scene.state.volumes[volume.base.key];
  const foreign = new Set(base ? chainOf(scene, base.layer).map(({ id }) => id) : []);
  const own = new Map(
    [volume.layer, ...volume.snapshots.map(({ layer }) => layer)]
      .flatMap((top) => chainOf(scene, top))
      .filter(({ id }) => !foreign.has(id))
      .map((layer) => [layer.id, layer]),
  );
  return [...own.values()].reduce((sum, { extents }) => sum + BigInt(countBlocks(extents) * BLOCK_BYTES), 0n);
}

/** Removes layers that nothing leads to any more. */
export function sweepLayers(scene: Scene): void {
  const { volumes, machines, making, layers } = scene.state;
  const roots = [
    ...Object.values(volumes).flatMap(({ layer, snapshots }) => [
      layer,
      ...snapshots.map((snapshot) => snapshot.layer),
    ]),
    ...Object.values(machines).flatMap(({ snapshots }) =>
      snapshots.flatMap(({ frozen }) => Object.values(frozen).map(({ layer }) => layer)),
    ),
    ...making.flatMap(({ layer, scratch }) => (scratch === undefined ? [layer] : [layer, scratch])),
  ];
  const kept = new Set(roots.flatMap((root) => chainOf(scene, root).map(({ id }) => id)));
  for (const id of Object.keys(layers)) if (!kept.has(id)) Reflect.deleteProperty(layers, id);
  for (const id of scene.content.layers()) if (!kept.has(id)) scene.content.remove(id);
}
