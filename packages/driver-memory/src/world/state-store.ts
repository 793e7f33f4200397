import type { WorldState } from './state.js';

/** What a transaction hands back: its result, and whether the state is another now. */
export interface Outcome<T> {
  readonly result: T;
  readonly changed: boolean;
}

/** Where a world's state is kept. */
export interface StateStore {
  /** Gives `use` the newest state, alone, and keeps what it changed. `use` throws before it has changed anything. */
  hold<T>(use: (state: WorldState) => Outcome<T>): Promise<T>;
  /** Calls back when another process changed the state; returns the function that ends it. */
  watch(onChange: () => void): () => void;
}

/** A state that ends with the process. */
export const createMemoryStore = (state: WorldState): StateStore => ({
  hold: async (use) => use(state).result,
  watch: () => () => undefined,
});
