import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Driver } from '@virt-drivers/core';
import { CASES } from './cases/index.js';
import { parseKnownGaps } from './known-gaps.js';
import { reportOf } from './report/report.js';
import {
  beginRun,
  selectCases,
  type CaseResult,
  type OpenRun,
  type RunRequest,
  type RunResult,
  type Tier,
} from './run.js';

/** What this adapter uses of the test runner's globals; jest has them, and so have its relatives. */
interface RunnerGlobals {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>, timeoutMilliseconds?: number): void;
  beforeAll(body: () => Promise<void>, timeoutMilliseconds?: number): void;
  afterAll(body: () => Promise<void>, timeoutMilliseconds?: number): void;
}

/** A run as a test file asks for it. No member turns a case off. */
export interface ConformanceSuite extends Omit<RunRequest, 'driver' | 'target' | 'knownGaps' | 'only' | 'onResult'> {
  readonly driver: Driver;
  readonly target: string | (() => string | Promise<string>);
  /** The parsed known-gaps.json. */
  readonly knownGaps?: unknown;
  /** File to write the report to, for the support matrix. */
  readonly report?: string | URL;
}

type Finished = Pick<RunResult, 'results' | 'problems' | 'startedAt'>;

async function writeReport(path: string | URL, run: OpenRun, finished: Finished, tier: Tier): Promise<void> {
  const { driver, environment } = run;
  const durationMilliseconds = Date.now() - finished.startedAt.getTime();
  const isPartial = finished.results.length < CASES.length;
  const report = reportOf({ ...finished, driver, environment, tier, durationMilliseconds }, isPartial);
  await mkdir(new URL('.', path instanceof URL ? path : pathToFileURL(path)), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
}

const SLACK_MILLISECONDS = 180_000;

function printUnproven(results: readonly CaseResult[]): void {
  const excused = results.filter(({ outcome }) => outcome === 'gap' || outcome === 'not-applicable');
  const lines = excused.map(
    (result) => `  ${result.outcome}: ${result.id}: ${'reason' in result ? result.reason : ''}`,
  );
  if (lines.length > 0) process.stdout.write(`${['Not proven by this run:', ...lines].join('\n')}\n`);
}

/**
 * Makes one test of each conformance case, its id being the title. Cases that do not apply or are known gaps pass and
 * are printed with their reasons at the end.
 */
export function describeConformance({ driver, target, knownGaps = [], report, ...request }: ConformanceSuite): void {
  // The runner puts them there; without one this fails at once with a clear TypeError.
  const { describe, test, beforeAll, afterAll } = globalThis as unknown as RunnerGlobals;
  const gaps = parseKnownGaps(knownGaps, 'the test file');
  describe(`conformance of ${driver.manifest.name}`, () => {
    let run: OpenRun | undefined;
    const startedAt = new Date();
    const results: CaseResult[] = [];
    beforeAll(async () => {
      const where = typeof target === 'string' ? target : await target();
      run = await beginRun({ ...request, driver, target: where, knownGaps: gaps });
    }, SLACK_MILLISECONDS);
    afterAll(async () => {
      printUnproven(results);
      const problems = (await run?.end()) ?? [];
      const finished = { results, startedAt, problems: [...(run?.problems ?? []), ...problems] };
      if (run && report) await writeReport(report, run, finished, request.tier ?? 'peer');
      if (problems.length > 0) throw new Error(problems.join(' '));
    }, SLACK_MILLISECONDS);
    test('known gaps are in order', async () => {
      if (run && run.problems.length > 0) throw new Error(run.problems.join(' '));
    });
    for (const one of selectCases()) {
      const body = async (): Promise<void> => {
        if (!run) throw new Error('The endpoint could not be opened; see the first failure.');
        const result = await run.runOne(one);
        results.push(result);
        if (result.outcome === 'failed') throw new Error(`${one.title} But: ${result.message}`);
      };
      test(one.id, body, one.deadlineSeconds * 2_000 + SLACK_MILLISECONDS);
    }
  });
}
