import { isAlive } from './file-lock.js';
import { sweepLayers } from './layers.js';
import type { Scene } from './scene.js';

/** Removes what processes that were killed left half-done. Returns the id of the endpoint. */
export function clearAway(scene: Scene): string {
  const { making, machines, endpointId } = scene.state;
  making.splice(0, making.length, ...making.filter((one) => isAlive(one.process)));
  for (const { serial } of Object.values(machines))
    if (serial.holder && !isAlive(serial.holder.process)) delete serial.holder;
  sweepLayers(scene);
  return endpointId;
}
