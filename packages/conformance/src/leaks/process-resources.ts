import { setTimeout as delay } from 'node:timers/promises';

/** How many of each kind of thing keep this process alive: sockets, timers, child processes, pending requests. */
export type ResourceCount = ReadonlyMap<string, number>;

const PATIENCE_MILLISECONDS = 1_500;
const PAUSE_MILLISECONDS = 10;

// Work of the thread pool (files, name look-ups) and of the platform's own streams comes and goes by itself.
const PASSING = /^(FSReq|GetAddrInfo|Close|Immediate|TTY|RandomBytes|HashJob|Microtask)/;

/** What is alive now. */
export function countResources(): ResourceCount {
  const count = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!PASSING.test(kind)) count.set(kind, (count.get(kind) ?? 0) + 1);
  }
  return count;
}

function grown(before: ResourceCount, after: ResourceCount): ResourceCount {
  const more = [...after].map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const);
  return new Map(more.filter(([, count]) => count > 0));
}

// What lasts is what every look saw; a timer that one look happened to meet, such as a test runner's own, is not.
const fewestOf = (earlier: ResourceCount, now: ResourceCount): ResourceCount =>
  new Map([...now].map(([kind, count]) => [kind, Math.min(count, earlier.get(kind) ?? count)]));

/**
 * What is alive now that was not before. Ends of sockets and processes arrive a moment later and nothing announces the
 * last of them, so this looks again until all is quiet or its patience ends.
 */
export async function grownResources(before: ResourceCount): Promise<readonly string[]> {
  const end = Date.now() + PATIENCE_MILLISECONDS;
  let left = grown(before, countResources());
  while (left.size > 0 && Date.now() < end) {
    // The pause itself is a timer, but it is over when resources are counted.
    await delay(PAUSE_MILLISECONDS);
    left = fewestOf(left, grown(before, countResources()));
  }
  return [...left].map(([kind, count]) => `${count} × ${kind}`);
}
