interface Listening {
  readonly acts: Set<() => void>;
  stop(): void;
}

// One listener per signal stands for all: a signal that thousands of calls share would otherwise hold thousands, and
// the platform warns of a leak at eleven. Keyed weakly, so that signals which nobody holds any more go away.
const listening = new WeakMap<AbortSignal, Listening>();

/** Calls `act` once when the signal, not aborted yet, does abort. Returns the function that forgets it. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const { acts, stop } = listening.get(signal) ?? listen(signal);
  // Wrapped, so that the same function given twice counts twice.
  const mine = (): void => act();
  acts.add(mine);
  return () => {
    acts.delete(mine);
    if (acts.size === 0) stop();
  };
}

function listen(signal: AbortSignal): Listening {
  const acts = new Set<() => void>();
  const stop = (): void => {
    signal.removeEventListener('abort', fire);
    if (listening.get(signal)?.acts === acts) listening.delete(signal);
  };
  const fire = (): void => {
    stop();
    // An act may forget others while we are at it; a set leaves those out.
    for (const act of acts) act();
  };
  const started = { acts, stop };
  listening.set(signal, started);
  signal.addEventListener('abort', fire);
  return started;
}
