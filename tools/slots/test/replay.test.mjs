import { assign } from '../src/assign.mjs';
import { meanWait, probabilityOfWaiting } from '../src/erlang-c.mjs';
import { byRank } from '../src/queue.mjs';
import { replay } from './seeded-team.mjs';

const policy = { slots: 10, debtSlots: 3, seriesLimit: 10, patienceDays: 5 };
const busy = {
  days: 200,
  policy,
  featuresPerDay: 0.7,
  debtPerDay: 0.25,
  reviewDays: 12,
  awayShare: 0.2,
  longShare: 0.08,
  rankedShare: 0.6,
};
const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const waits = (finished, kind) =>
  mean(finished.filter((each) => each.kind === kind).map(({ arrived, given }) => given - arrived));

describe.each([1, 2, 3, 4])('a team of 200 days, seed %i', (seed) => {
  const moments = [];
  let finished;
  beforeAll(() => {
    finished = replay({ ...busy, seed }, (moment) => moments.push(moment));
  });
  const kindOf = ({ after }, id) => after.find((entry) => entry.id === id).kind;

  it('never has more holders than slots, nor features in the slots of debt', () => {
    for (const moment of moments) {
      const { holders } = moment.assignment;
      expect(holders.length).toBeLessThanOrEqual(policy.slots);
      expect(holders.filter((id) => kindOf(moment, id) === 'feature').length).toBeLessThanOrEqual(
        policy.slots - policy.debtSlots,
      );
    }
  });

  it('leaves no slot empty that somebody in the queue may take', () => {
    for (const moment of moments) {
      const { holders, waiting } = moment.assignment;
      const features = holders.filter((id) => kindOf(moment, id) === 'feature').length;
      const debt = holders.length - features;
      if (waiting.some((id) => kindOf(moment, id) === 'debt'))
        expect(holders.length).toBe(policy.slots - Math.max(0, policy.debtSlots - debt));
      if (waiting.some((id) => kindOf(moment, id) === 'feature'))
        expect(features + Math.max(0, debt - policy.debtSlots)).toBe(policy.slots - policy.debtSlots);
    }
  });

  it('serves by rank and age, and nothing that happened before counts', () => {
    for (const { assignment, before, policy: current } of moments) {
      const order = byRank(current.ranking);
      for (const kind of ['feature', 'debt']) {
        const of = (ids) =>
          ids.map((id) => before.find((entry) => entry.id === id)).filter((entry) => entry.kind === kind);
        const [given, waiting] = [of(assignment.given), of(assignment.waiting)];
        const sorted = [...given, ...waiting];
        expect(sorted).toEqual([...sorted].sort(order));
      }
    }
  });

  it('takes no slot from anybody but for a reason, and asking again changes nothing', () => {
    for (const { assignment, after, before, now, policy: current } of moments) {
      const held = before.filter(({ holds }) => holds).map(({ id }) => id);
      const lost = held.filter((id) => !assignment.holders.includes(id));
      expect(assignment.bumped.map(({ id }) => id).sort()).toEqual(lost.sort());
      const again = assign(after, current, now);
      expect([again.given, again.bumped]).toEqual([[], []]);
    }
  });

  it('never reviews a series that is too long', () => {
    for (const { assignment } of moments)
      for (const id of assignment.tooLong) expect(assignment.holders).not.toContain(id);
    expect(moments.some(({ assignment }) => assignment.tooLong.length > 0)).toBe(true);
  });

  it('bumps who is away, and they come back', () => {
    const bumped = new Set(moments.flatMap(({ assignment }) => assignment.bumped.map(({ id }) => id)));
    expect(bumped.size).toBeGreaterThan(0);
    expect(finished.some(({ id }) => bumped.has(id))).toBe(true);
  });
});

it("obeys Little's law: holders on average are throughput times days in a slot", () => {
  const holders = [];
  const finished = replay(
    { ...busy, seed: 11, days: 1_500, featuresPerDay: 0.35, debtPerDay: 0.15, longShare: 0 },
    ({ assignment }) => holders.push(assignment.holders.length),
  );
  const throughput = finished.length / 1_500;
  expect(throughput * mean(finished.map(({ inSlot }) => inSlot))).toBeCloseTo(mean(holders), 0);
  expect(Math.abs((throughput * mean(finished.map(({ inSlot }) => inSlot))) / mean(holders) - 1)).toBeLessThan(0.03);
});

it('reserved slots make debt wait less when features are many, and features more', () => {
  const crowded = {
    ...busy,
    seed: 12,
    days: 600,
    featuresPerDay: 0.6,
    debtPerDay: 0.15,
    awayShare: 0,
    longShare: 0,
    rankedShare: 0,
  };
  const reserved = replay(crowded);
  const common = replay({ ...crowded, policy: { ...policy, debtSlots: 0 } });
  expect(waits(reserved, 'debt')).toBeLessThan(waits(common, 'debt') / 2);
  expect(waits(reserved, 'feature')).toBeGreaterThan(waits(common, 'feature'));
});

describe('the model', () => {
  it('knows the textbook cases', () => {
    expect(meanWait({ slots: 1, arrivalsPerDay: 0.05, daysInSlot: 10 })).toBeCloseTo(10);
    expect(probabilityOfWaiting(2, 1)).toBeCloseTo(1 / 3);
    expect(meanWait({ slots: 10, arrivalsPerDay: 1, daysInSlot: 10 })).toBe(Infinity);
  });

  it('foretells what the queue does', () => {
    const calm = {
      seed: 21,
      days: 6_000,
      step: 0.25,
      policy: { ...policy, slots: 4, debtSlots: 0 },
      featuresPerDay: 0.5,
      debtPerDay: 0,
      reviewDays: 6,
    };
    const foretold = meanWait({ slots: 4, arrivalsPerDay: 0.5, daysInSlot: 6 });
    expect(Math.abs(waits(replay(calm), 'feature') / foretold - 1)).toBeLessThan(0.2);
  });
});
