import { createFileContent, createMemoryContent } from '../content/content-store.js';
import { systemClock, type Clock } from './clock.js';
import { createFileStore } from './file-store.js';
import { newWorldState } from './new-world.js';
import { createMemoryStore } from './state-store.js';
import { assembleWorld, type World } from './world.js';

/** Which world. */
export interface WorldRequest {
  /** The world of this name in this process; `memory://name` opens the same. Default: a new one without a name. */
  readonly name?: string;
  /** The world in this file, which other processes may share; `memory:///path` opens the same. */
  readonly file?: string;
  /** Where its time comes from; default the time of day. Counts only when the world is new in this process. */
  readonly clock?: Clock;
}

// More than a watcher lets wait by default, so that only those resync who are far behind.
const EVENTS_KEPT = 20_000;

const worlds = new Map<string, World>();

const inMemory = (clock: Clock): World =>
  assembleWorld({ store: createMemoryStore(newWorldState(EVENTS_KEPT)), content: createMemoryContent(), clock });

const inFile = (path: string, clock: Clock): World =>
  assembleWorld({ store: createFileStore(path), content: createFileContent(`${path}.volumes`), clock });

/** The world that the request names, made when it is not there yet. */
export function createWorld({ name, file, clock = systemClock }: WorldRequest = {}): World {
  const key = file === undefined ? name && `name ${name}` : `file ${file}`;
  if (key === undefined || key === '') return inMemory(clock);
  const world = worlds.get(key) ?? (file === undefined ? inMemory(clock) : inFile(file, clock));
  worlds.set(key, world);
  return world;
}

/** Forgets a world by name, with all that is in it. Sessions that have it open keep it. */
export const forgetWorld = (name: string): void => void worlds.delete(`name ${name}`);
