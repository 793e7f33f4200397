import type { CallOptions, Driver, OpenDriver } from '@virt-drivers/core';
import { notApplicable } from './applicability.js';
import type { RunContext } from './bench/bench.js';
import { createLedger } from './bench/ledger.js';
import { createNames } from './bench/names.js';
import { choosePlace, type PlaceChoice } from './bench/place.js';
import type { ConformanceCase } from './case.js';
import { CASES } from './cases/index.js';
import { remotesFor, type Remotes } from './default-remotes.js';
import { describeEnvironment, type RunEnvironment } from './environment.js';
import { guestFromFile } from './guest/guest-file.js';
import { placeholderGuest } from './guest/test-guest.js';
import { problemsOfGaps, type KnownGap } from './known-gaps.js';
import { weigh, type Outcome } from './outcome.js';
import { runCase } from './run-case.js';
import type { Simulator } from './simulator.js';

/**
 * How real the endpoint was. `memory`: simulated inside this process. `peer`: a real server that a test started.
 * `live`: a hypervisor in a lab.
 */
export type Tier = 'memory' | 'peer' | 'live';

/** What to run, and where. */
export interface RunRequest extends PlaceChoice {
  readonly driver: Driver;
  readonly target: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly tier?: Tier;
  /** What answers, where that is not the product itself. */
  readonly simulator?: Simulator;
  /** Path of the guest image: a disk, or the manifest.json of a built image. */
  readonly guest?: string;
  readonly knownGaps?: readonly KnownGap[];
  /** Another endpoint of the same driver, for moving machines to. */
  readonly destination?: string;
  /**
   * Two volumes of other systems, equally large, that the endpoint reaches and nobody else has. Default: two exports at
   * the NBD server of this machine, or, for a driver that does not speak NBD, two files of an NFS export, which a
   * simulated endpoint takes for there.
   */
  readonly remotes?: Remotes;
  /** Only cases whose id starts with one of these: for work on a driver. The report says so and proves no more. */
  readonly only?: readonly string[];
  /** Called after each case. */
  onResult?(result: CaseResult): void;
}

/** One case and what became of it. */
export type CaseResult = Outcome & {
  readonly id: string;
  readonly title: string;
  readonly requires: readonly string[];
  readonly durationMilliseconds: number;
};

/** All of a run. */
export interface RunResult {
  readonly driver: OpenDriver;
  readonly tier: Tier;
  readonly startedAt: Date;
  readonly durationMilliseconds: number;
  readonly environment: RunEnvironment;
  readonly results: readonly CaseResult[];
  /** What is wrong with the run itself, such as known gaps that name no case. */
  readonly problems: readonly string[];
}

/** A run that was begun: cases may be run one by one, by whatever test runner, and it must be ended. */
export interface OpenRun {
  readonly driver: OpenDriver;
  readonly environment: RunEnvironment;
  readonly problems: readonly string[];
  runOne(test: ConformanceCase): Promise<CaseResult>;
  end(): Promise<readonly string[]>;
}

const START_MILLISECONDS = 60_000;
// A simulated endpoint answers at once; whoever waits for it waits in vain.
const PATIENCE: Readonly<Record<Tier, number>> = { memory: 0.1, peer: 1, live: 2 };
const LEAST_MILLISECONDS = 3_000;

const inTime = (): CallOptions => ({ deadline: new Date(Date.now() + START_MILLISECONDS) });

/** The cases that a request selects, in their order. */
export const selectCases = (only: readonly string[] = []): readonly ConformanceCase[] =>
  only.length === 0 ? CASES : CASES.filter(({ id }) => only.some((prefix) => id.startsWith(prefix)));

async function prepare(request: RunRequest, driver: OpenDriver): Promise<RunContext> {
  const place = await choosePlace(driver, request, inTime());
  const guest =
    request.guest === undefined ? placeholderGuest() : await guestFromFile(request.guest, place.pool.formats);
  return {
    driver,
    place,
    names: createNames(),
    shelf: { guest, ledger: createLedger(driver), image: undefined, shared: undefined },
    destinationTarget: request.destination,
    remotes: request.remotes ?? remotesFor(driver),
    patience: PATIENCE[request.tier ?? 'peer'],
    open: ({ target = request.target, options = request.options ?? {} } = {}, call) =>
      request.driver.open({ target, options }, call),
  };
}

async function runAndWeigh(context: RunContext, request: RunRequest, test: ConformanceCase): Promise<Outcome> {
  const excuse = notApplicable(context.driver, test);
  if (excuse) return { outcome: 'not-applicable', because: excuse.because, reason: excuse.reason };
  const milliseconds = Math.max(LEAST_MILLISECONDS, test.deadlineSeconds * 1000 * context.patience);
  const gap = request.knownGaps?.find(({ id }) => id === test.id);
  request.simulator?.takeStandIns?.();
  const outcome = weigh(await runCase(context, test, milliseconds), gap);
  const standIns = request.simulator?.takeStandIns?.() ?? [];
  return outcome.outcome === 'passed' && standIns.length > 0 ? { ...outcome, standIns } : outcome;
}

/** Opens the endpoint and gets ready to run cases. */
export async function beginRun(request: RunRequest): Promise<OpenRun> {
  const driver = await request.driver.open({ target: request.target, options: request.options ?? {} }, inTime());
  try {
    const context = await prepare(request, driver);
    return {
      driver,
      environment: await describeEnvironment(driver, request.simulator, inTime()),
      problems: problemsOfGaps(request.knownGaps ?? [], new Set(CASES.map(({ id }) => id)), new Date()),
      async runOne(test) {
        const started = performance.now();
        const outcome = await runAndWeigh(context, request, test);
        const durationMilliseconds = Math.round(performance.now() - started);
        return { id: test.id, title: test.title, requires: test.requires, durationMilliseconds, ...outcome };
      },
      async end() {
        const problems = await context.shelf.ledger.settle(inTime());
        await driver.close();
        return problems;
      },
    };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

async function runAll(run: OpenRun, request: RunRequest): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const test of selectCases(request.only)) {
    const result = await run.runOne(test);
    results.push(result);
    request.onResult?.(result);
  }
  return results;
}

/** Runs the suite, one case after the other. */
export async function runConformance(request: RunRequest): Promise<RunResult> {
  const startedAt = new Date();
  const run = await beginRun(request);
  const { driver, environment } = run;
  const outcome = await runAll(run, request).then(
    (results) => ({ results }),
    (error: unknown) => ({ error }),
  );
  const leftovers = await run.end();
  if ('error' in outcome) throw outcome.error;
  const durationMilliseconds = Date.now() - startedAt.getTime();
  const problems = [...run.problems, ...leftovers];
  return {
    driver,
    tier: request.tier ?? 'peer',
    startedAt,
    durationMilliseconds,
    environment,
    results: outcome.results,
    problems,
  };
}

/** True when nothing failed and nothing is wrong with the run itself. */
export const isGood = ({ results, problems }: Pick<RunResult, 'results' | 'problems'>): boolean =>
  problems.length === 0 && results.every(({ outcome }) => outcome !== 'failed');
