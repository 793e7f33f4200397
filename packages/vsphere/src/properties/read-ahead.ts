/** Reads one part of something. Its signal ends it before it has begun to give anything. */
export type ReadPart<T> = (lane: number, signal: AbortSignal) => AsyncGenerator<T, void, undefined>;

interface Started<T> {
  readonly source: AsyncGenerator<T, void, undefined>;
  readonly first: Promise<IteratorResult<T, void>>;
  /** Ends it; what it has on the server is given back. */
  leave(): Promise<void>;
}

/**
 * The parts in their order, while as many of them as there are lanes are under way: the server works on the next while
 * this one is read. A part has its lane for itself. Leaving the loop ends them all.
 */
export async function* readAhead<T>(
  parts: Iterable<ReadPart<T>>,
  lanes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const under: Started<T>[] = [];
  const left = parts[Symbol.iterator]();
  const startNext = (lane: number) => {
    const { value, done } = left.next();
    if (done !== true) under.push(start(value, lane, signal));
  };
  for (let lane = 0; lane < lanes; lane++) startNext(lane);
  try {
    for (let turn = 0; ; turn++) {
      const [current] = under;
      if (!current) return;
      for (let next = await current.first; next.done !== true; next = await current.source.next()) yield next.value;
      under.shift();
      startNext(turn % lanes);
    }
  } finally {
    await Promise.all(under.map((one) => one.leave()));
  }
}

function start<T>(part: ReadPart<T>, lane: number, signal: AbortSignal | undefined): Started<T> {
  const own = new AbortController();
  const source = part(lane, signal ? AbortSignal.any([signal, own.signal]) : own.signal);
  let pending = true;
  const first = source.next().finally(() => (pending = false));
  // Whoever reads it gets the error; when nobody does any more, it does not matter.
  first.catch(() => undefined);
  return {
    source,
    first,
    async leave() {
      if (pending) own.abort();
      await source.return(undefined).catch(() => undefined);
    },
  };
}
