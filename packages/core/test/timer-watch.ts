/** Counts the timers that the code under test started and has not stopped; jest's own are not among them. */
export interface TimerWatch {
  /** How many are running now. */
  open(): number;
  /** Gives the platform's functions back. */
  restore(): void;
}

/** Starts counting. */
export function watchTimers(): TimerWatch {
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  const running = new Set<unknown>();

  const counted = (fire: () => void, milliseconds?: number): ReturnType<typeof setTimeout> => {
    const handle = start(() => {
      running.delete(handle);
      fire();
    }, milliseconds);
    running.add(handle);
    return handle;
  };
  const uncounted: typeof clearTimeout = (handle) => {
    running.delete(handle);
    stop(handle);
  };

  // The platform's function has overloads and a property that the code under test does not use.
  Object.assign(globalThis, { setTimeout: counted, clearTimeout: uncounted });
  return {
    open: () => running.size,
    restore: () => void Object.assign(globalThis, { setTimeout: start, clearTimeout: stop }),
  };
}
