import type { ContentStore } from '../content/content-store.js';
import type { WorldState } from './state.js';

/** What everything in a world works on, during one transaction: no waiting, so nobody else is in between. */
export interface Scene {
  readonly state: WorldState;
  readonly content: ContentStore;
  readonly now: Date;
}

/** A new id, unique in this world. */
export function nextId(scene: Scene, kind: string): string {
  scene.state.nextId += 1;
  return `${kind}-${scene.state.nextId}`;
}
