import { DriverError, mebibytes, type CapabilityName } from '@virt-drivers/core';
import { driver } from '@virt-drivers/driver-memory';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConformanceCase } from '../src/case.js';
import { beginRun, type CaseResult, type RunRequest } from '../src/run.js';

const trial = (run: ConformanceCase['run'], more: Partial<ConformanceCase> = {}): ConformanceCase => ({
  id: 'trials/one',
  title: 'A trial.',
  requires: [],
  deadlineSeconds: 1,
  run,
  ...more,
});

async function outcomeOf(test: ConformanceCase, request: Partial<RunRequest> = {}): Promise<CaseResult> {
  const run = await beginRun({ driver, target: 'memory://', tier: 'memory', ...request });
  const result = await run.runOne(test);
  expect(await run.end()).toEqual([]);
  return result;
}

const good = trial(async () => undefined);
const bad = trial(async () => {
  throw new Error('it is broken');
});
const gap = { id: 'trials/one', reason: 'It is not there yet.', until: '2999-12-31' };

describe('a case', () => {
  it('passes when nothing is wrong', async () => {
    expect(await outcomeOf(good)).toMatchObject({ outcome: 'passed' });
  });

  it('fails with the message of its error', async () => {
    expect(await outcomeOf(bad)).toMatchObject({ outcome: 'failed', message: 'it is broken' });
  });

  it('is stopped when its time is over', async () => {
    const waiting = trial(async ({ call }) => {
      await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      throw new Error('gave up');
    });
    expect(await outcomeOf(waiting)).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/gave up.*time of 3 s was over/) as string,
    });
  });

  it('does not apply where a capability is absent, narrowed or, for negative cases, present', async () => {
    const needs = (capability: CapabilityName) => trial(async () => undefined, { requires: [capability] });
    expect(await outcomeOf(needs('consoles.rdp'))).toMatchObject({ outcome: 'not-applicable', because: 'absent' });
    const options = { without: 'suspension.save', reason: 'There is no room for it.' };
    const narrowed = { outcome: 'not-applicable', because: 'narrowed', reason: 'There is no room for it.' };
    expect(await outcomeOf(needs('suspension.save'), { options })).toMatchObject(narrowed);
    expect(await outcomeOf(trial(good.run, { lacks: ['consoles.log'] }))).toMatchObject({
      outcome: 'not-applicable',
      because: 'present',
    });
  });
});

it('an endpoint that is gone for a moment ends a case, not the run', async () => {
  let isGone = false;
  const leaving: typeof driver = {
    ...driver,
    async open(request, call) {
      const open = await driver.open(request, call);
      const list: typeof open.machines.list = (...args) => {
        if (isGone) throw new DriverError('HOST.CONNECTION_LOST', 'The host went away.');
        return open.machines.list(...args);
      };
      return { ...open, machines: { ...open.machines, list } };
    },
  };
  const run = await beginRun({ driver: leaving, target: 'memory://', tier: 'memory' });
  isGone = true;
  const message = expect.stringContaining('HOST.CONNECTION_LOST: The host went away.') as string;
  expect(await run.runOne(good)).toMatchObject({ outcome: 'failed', message });
  isGone = false;
  expect(await run.runOne(good)).toMatchObject({ outcome: 'passed' });
  await run.end();
});

it('is proven by a stand-in only when one answered meanwhile', async () => {
  const answered = [['Before'], ['Pause'], [], []];
  const simulator = { name: 'sim 1.2', takeStandIns: () => answered.shift() ?? [] };
  const run = await beginRun({ driver, target: 'memory://', tier: 'memory', simulator });
  expect(run.environment.simulator).toBe('sim 1.2');
  expect(await run.runOne(good)).toMatchObject({ outcome: 'passed', standIns: ['Pause'] });
  expect(await run.runOne(good)).not.toHaveProperty('standIns');
  await run.end();
});

describe('a known gap', () => {
  it('excuses a failure', async () => {
    expect(await outcomeOf(bad, { knownGaps: [gap] })).toMatchObject({
      outcome: 'gap',
      reason: gap.reason,
      message: 'it is broken',
    });
  });

  it('fails the case that passes', async () => {
    expect(await outcomeOf(good, { knownGaps: [gap] })).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('take it off') as string,
    });
  });
});

describe('a leak fails the case:', () => {
  // The runner gathers its output for a tenth of a second; the end of that timer would hide one that leaks meanwhile.
  beforeAll(() => delay(300));

  it('a machine and a volume, which are removed', async () => {
    const leaking = trial(async ({ driver: { machines, volumes }, spec, pool, name, call }) => {
      await machines.create(spec(), call);
      await volumes.create({ pool: pool.id, name: name(), sizeBytes: mebibytes(1) }, call);
    });
    const run = await beginRun({ driver, target: 'memory://', tier: 'memory' });
    const { message } = { message: '', ...(await run.runOne(leaking)) };
    expect(message).toMatch(/leaked machine vdc.*leaked volume vdc/);
    expect(await run.driver.machines.list().all()).toEqual([]);
    expect(await run.runOne(good)).toMatchObject({ outcome: 'passed' });
    await run.end();
  });

  it('a timer', async () => {
    let timer: NodeJS.Timeout | undefined;
    const leaking = trial(async () => {
      timer = setInterval(() => undefined, 60_000);
    });
    const result = await outcomeOf(leaking);
    clearInterval(timer);
    expect(result).toMatchObject({ outcome: 'failed', message: 'left alive in this process: 1 × Timeout' });
  });

  it('a timer, of which others that come and go meanwhile are told apart', async () => {
    let timer: NodeJS.Timeout | undefined;
    const passing: NodeJS.Timeout[] = [];
    const leaking = trial(async () => {
      timer = setInterval(() => passing.push(setTimeout(() => undefined, 8)), 12);
    });
    const result = await outcomeOf(leaking);
    clearInterval(timer);
    passing.forEach(clearTimeout);
    expect(passing.length).toBeGreaterThan(1);
    expect(result).toMatchObject({ outcome: 'failed', message: 'left alive in this process: 1 × Timeout' });
  });

  it('but not what was made through the bench', async () => {
    const tidy = trial(async (bench) => {
      const { id } = await bench.volume();
      await bench.runningMachine({ disks: [{ volume: id }] });
      await bench.watch();
    });
    expect(await outcomeOf(tidy)).toMatchObject({ outcome: 'passed' });
  });
});

describe('the bench', () => {
  it('shares one guest over several cases, and drops it after a failure', async () => {
    const seen: string[] = [];
    const share = (fails: boolean) =>
      trial(
        async (bench) => {
          seen.push((await bench.sharedGuest()).machine.id);
          if (fails) throw new Error('the guest may be spoiled');
        },
        { needsGuest: true },
      );
    const run = await beginRun({ driver, target: 'memory://', tier: 'memory' });
    for (const fails of [false, true, false]) await run.runOne(share(fails));
    await run.end();
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[0]);
  });
});
