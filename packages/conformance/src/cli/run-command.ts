import { loadDriver, type Driver } from '@virt-drivers/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readKnownGaps, type KnownGap } from '../known-gaps.js';
import { reportOf } from '../report/report.js';
import { describeError } from '../run-case.js';
import { isGood, runConformance, type RunRequest, type RunResult, type Tier } from '../run.js';
import { readDriverOptions } from './driver-options.js';
import { CommandFailure, EXIT } from './fail.js';
import { readRemotes } from './remotes-file.js';
import { showResult, showSummary } from './show-result.js';

/** The command line of a run, as parsed. */
export interface RunFlags {
  readonly driver: string;
  readonly target: string;
  readonly option: readonly string[];
  readonly optionsFile?: string;
  readonly guestImage?: string;
  readonly pool?: string;
  readonly network?: string;
  readonly destination?: string;
  readonly remotes?: string;
  readonly simulator?: string;
  readonly knownGaps?: string;
  readonly tier: Tier;
  readonly only: readonly string[];
  readonly report?: string;
}

type Print = (line: string) => void;

async function orFail<T>(exitCode: number, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(exitCode, describeError(error), error);
  }
}

async function requestOf(flags: RunFlags, driver: Driver, print: Print): Promise<RunRequest> {
  const { target, pool, network, destination, remotes, guestImage, simulator, tier, only } = flags;
  const gaps: Promise<readonly KnownGap[]> =
    flags.knownGaps === undefined ? Promise.resolve([]) : readKnownGaps(flags.knownGaps);
  return {
    driver,
    target,
    tier,
    only,
    knownGaps: await gaps,
    options: await readDriverOptions(flags.optionsFile, flags.option),
    ...(pool === undefined ? {} : { pool }),
    ...(network === undefined ? {} : { network }),
    ...(simulator === undefined ? {} : { simulator: { name: simulator } }),
    ...(destination === undefined ? {} : { destination }),
    ...(remotes === undefined ? {} : { remotes: await readRemotes(remotes) }),
    ...(guestImage === undefined ? {} : { guest: guestImage }),
    onResult: (result) => print(showResult(result)),
  };
}

async function writeReport(path: string, run: RunResult, partial: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(reportOf(run, partial), null, 2)}\n`);
}

/** Runs the suite as the command line says. Returns the exit code. */
export async function runCommand(flags: RunFlags, print: Print, load: typeof loadDriver = loadDriver): Promise<number> {
  const driver = await orFail(EXIT.unavailable, load(flags.driver));
  const request = await orFail(EXIT.usage, requestOf(flags, driver, print));
  const run = await orFail(EXIT.unavailable, runConformance(request));
  print(showSummary(run));
  if (flags.report !== undefined) await orFail(EXIT.usage, writeReport(flags.report, run, flags.only.length > 0));
  return isGood(run) ? EXIT.good : EXIT.failed;
}
