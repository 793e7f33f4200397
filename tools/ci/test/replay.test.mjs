import { missedBy, replay, replayTable, savedBy } from './replay/replay.mjs';

describe('200 commits in the proportions of 2014', () => {
  let played;
  beforeAll(() => {
    played = replay(200);
    process.stdout.write(`${replayTable(played.commits)}\n`);
  }, 240_000);

  it('has the proportions', () => {
    const count = (kind) => played.commits.filter((each) => each.kind === kind).length;
    expect([count('driver'), count('core'), count('several')]).toEqual([152, 40, 8]);
  });

  it('misses no suite that a commit can break', () => {
    expect(played.commits.flatMap(missedBy)).toEqual([]);
  });

  it('would notice one', () => {
    const [{ plan, expected }] = played.commits;
    const affected = plan.affected.filter((name) => name !== expected[0]);
    expect(missedBy({ plan: { affected }, expected })).toEqual([expected[0]]);
  });

  it('runs one driver for a change of one driver, and all of them for one of the contract', () => {
    for (const { kind, paths, plan } of played.commits) {
      if (kind === 'driver') expect(plan.drivers).toHaveLength(1);
      if (paths.some((path) => path.startsWith('packages/core/'))) expect(plan.drivers).toEqual(played.drivers);
    }
  });

  it('saves at least 55 % of the driver suites', () => {
    expect(savedBy(played.commits)).toBeGreaterThanOrEqual(0.55);
  });

  it('says what the command of CI says', () => {
    expect(played.command).toHaveLength(3);
    for (const { said, expected } of played.command) expect(said).toBe(expected);
  });
});
