// A team's months, replayed from a seed: series arrive, are ranked, reviewed, abandoned for a while, and merged.
import { assign } from '../src/assign.mjs';
import { entriesOf } from '../src/queue.mjs';

const DAY_MILLISECONDS = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** mulberry32: small, fast, the same everywhere. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const exponential = (random, mean) => -Math.log(1 - random()) * mean;

function poisson(random, mean) {
  let count = 0;
  for (let rest = exponential(random, 1); rest < mean; rest += exponential(random, 1)) count += 1;
  return count;
}

/**
 * Runs a team for some days. `observe(moment)` sees every step; the result has the finished series with their times in days.
 * @param {{seed: number, days: number, step?: number, policy: object, featuresPerDay: number, debtPerDay: number,
 *   reviewDays: number, awayShare?: number, longShare?: number, rankedShare?: number}} options
 */
export function replay(options, observe) {
  const { seed, days, step = 1, policy, featuresPerDay, debtPerDay, reviewDays } = options;
  const { awayShare = 0, longShare = 0, rankedShare = 0 } = options;
  const random = randomFrom(seed);
  const ranking = [];
  const finished = [];
  let open = [];
  let number = 0;

  const arrive = (kind, day) => {
    const id = `${kind}-${open.length + finished.length + number}`;
    const size = random() < longShare ? 11 + Math.floor(random() * 8) : 1 + Math.floor(random() * 6);
    const numbers = Array.from({ length: size }, () => (number += 1));
    const isAway = random() < awayShare;
    open.push({
      id,
      kind,
      numbers,
      arrived: day,
      work: exponential(random, reviewDays),
      awayAfter: isAway ? random() * reviewDays : undefined,
      away: 3 + random() * 10,
      holds: false,
    });
    if (random() < rankedShare) ranking.splice(Math.floor(random() * (ranking.length + 1)), 0, id);
  };
  const pullsOf = (series) =>
    series.numbers.map((each) => ({
      number: each,
      draft: false,
      labels: [
        'ready',
        `series:${series.id}`,
        ...(series.kind === 'debt' ? ['debt'] : []),
        ...(series.holds ? ['slot'] : []),
      ],
      createdAt: new Date(START + series.arrived * DAY_MILLISECONDS).toISOString(),
      files: [],
      ...(series.awaySince === undefined
        ? {}
        : { waitingForAuthorSince: new Date(START + series.awaySince * DAY_MILLISECONDS).toISOString() }),
    }));
  const review = (series, day) => {
    if (series.awaySince !== undefined) {
      if (day - series.awaySince < series.away) return;
      series.awaySince = undefined;
      series.awayAfter = undefined;
    }
    if (!series.holds) return;
    series.work -= step;
    if (series.awayAfter === undefined) return;
    series.awayAfter -= step;
    if (series.awayAfter <= 0) series.awaySince = day;
  };

  for (let day = 0; day < days; day += step) {
    for (const [kind, perDay] of [
      ['feature', featuresPerDay],
      ['debt', debtPerDay],
    ]) {
      for (let count = poisson(random, perDay * step); count > 0; count -= 1) arrive(kind, day);
    }
    for (const series of open) review(series, day);
    for (const series of open.filter(({ work }) => work <= 0)) finished.push({ ...series, ended: day });
    open = open.filter(({ work }) => work > 0);
    const current = { ...policy, ranking: [...ranking] };
    const now = new Date(START + day * DAY_MILLISECONDS);
    const entries = () => entriesOf(open.flatMap(pullsOf));
    const before = entries();
    const assignment = assign(before, current, now);
    for (const series of open) {
      series.holds = assignment.holders.includes(series.id);
      if (series.holds) series.given ??= day;
      if (series.holds) series.inSlot = (series.inSlot ?? 0) + step;
    }
    observe?.({ day, now, policy: current, before, after: entries(), assignment });
  }
  return finished;
}
