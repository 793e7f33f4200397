import type { CallOptions } from '@virt-drivers/core';
import { abortable, createLatest, type Interruption } from '@virt-drivers/core/kit';
import type { ContentStore } from '../content/content-store.js';
import { perform } from '../guest/life.js';
import { nextDue, takeDue } from './agenda.js';
import type { Clock } from './clock.js';
import { copyOf } from './copy.js';
import { createFaults, type Faults } from './faults.js';
import type { Scene } from './scene.js';
import type { StateStore } from './state-store.js';
import { createTaskBoard, type TaskBoard } from './task-board.js';

/** An endpoint that exists only here. */
export interface World {
  readonly clock: Clock;
  readonly content: ContentStore;
  readonly faults: Faults;
  readonly tasks: TaskBoard;
  /** Looks at what is, without changing it. The result is a copy. */
  look<T>(see: (scene: Scene) => T): Promise<T>;
  /** Changes what is, all or nothing as long as `act` checks before it changes. The result is a copy. */
  change<T>(act: (scene: Scene) => T): Promise<T>;
  /** Looks after every change until there is something to see. Rejects when the options end the waiting. */
  until<T>(see: (scene: Scene) => T | undefined, options: CallOptions, about?: Interruption): Promise<T>;
  /** Lets time pass as long as at least one user is there; returns the function that leaves, resolving when time stands. */
  enter(): () => Promise<void>;
}

/** What a world is made of. */
export interface WorldParts {
  readonly store: StateStore;
  readonly content: ContentStore;
  readonly clock: Clock;
}

/** Makes a world that lives in these parts. */
export function assembleWorld({ store, content, clock }: WorldParts): World {
  const changes = createLatest<object>();
  let users = 0;
  let listeners = 0;
  let nextOfAll: Date | undefined;
  let nextButTicks: Date | undefined;
  let stopTimer = (): void => undefined;
  let stopWatching = (): void => undefined;
  let passing: Promise<void> = Promise.resolve();

  const transact = <T>(act: (scene: Scene) => T, mayChange: boolean): Promise<T> =>
    store.hold((state) => {
      const scene: Scene = { state, content, now: clock.now() };
      let passed = false;
      for (let due = takeDue(state.agenda, scene.now); due; due = takeDue(state.agenda, scene.now)) {
        // At its own time, even when nobody looked until now.
        perform({ ...scene, now: new Date(due.at) }, due);
        passed = true;
      }
      const changed = passed || mayChange;
      try {
        return { result: copyOf(act(scene)), changed };
      } finally {
        nextOfAll = nextDue(state.agenda, true);
        nextButTicks = nextDue(state.agenda, false);
        arm();
        if (changed) changes.publish({});
      }
    });

  // Nobody is woken up for ticks that nobody hears; whoever looks later finds them all.
  const arm = (): void => {
    stopTimer();
    stopTimer = () => undefined;
    const due = listeners > 0 ? nextOfAll : nextButTicks;
    if (due && users > 0) stopTimer = clock.schedule(due, letTimePass);
  };
  // Whoever waits for what should have happened has a deadline of his own; a failing store tells the next caller.
  const letTimePass = (): void => {
    const under = transact(() => undefined, false).catch(() => undefined);
    passing = passing.then(() => under);
  };

  return {
    clock,
    content,
    faults: createFaults(),
    tasks: createTaskBoard(),
    look: (see) => transact(see, false),
    change: (act) => transact(act, true),
    async until(see, options, about) {
      // Follows before it looks, so that no change in between is missed. Listeners and timers are only below.
      const news = changes.follow();
      listeners += 1;
      try {
        for (;;) {
          const next = news.next();
          next.catch(() => undefined);
          const seen = await transact(see, false);
          if (seen !== undefined) return seen;
          await abortable(next, options, about);
        }
      } finally {
        listeners -= 1;
        if (listeners === 0) arm();
      }
    },
    enter() {
      users += 1;
      if (users === 1) {
        stopWatching = store.watch(() => void changes.publish({}));
        letTimePass();
      }
      let left = false;
      return async () => {
        if (left) return;
        left = true;
        users -= 1;
        if (users > 0) return;
        stopTimer();
        stopWatching();
        await passing;
      };
    },
  };
}
