import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { coreIn } from './channel.js';
import { detailOf, messageOf } from './error-detail.js';
import { installTarballs, type Installation } from './installation.js';
import type { PinsContext } from './pins-context.js';
import type { Evidence, Pin } from './pins-schema.js';
import { subjectOf } from './pins-file.js';
import { failure, PinsError, type Problem } from './problem.js';
import type { Tarball } from './tarball.js';

/** The package that proves drivers. */
export const SUITE = '@virt-drivers/conformance';
const RUN_MILLISECONDS = 3_600_000;
const FAILED_EXIT = 1;

/** A pin whose tarball was proven to be the pinned one. */
export interface Proven {
  readonly pin: Pin;
  readonly tarball: Tarball;
}

/** Endpoints to prove drivers on, by package; without one, those of the pin's own proofs are used. */
export type Targets = Readonly<Record<string, string>>;

const notRun = (pin: Pin, reason: string): Problem => ({
  kind: 'conformance-not-run',
  subject: subjectOf(pin),
  message: `Conformance of ${subjectOf(pin)} was not run: ${reason}`,
});

function runsOf(pin: Pin, targets: Targets): readonly Pick<Evidence, 'target' | 'tier' | 'gaps'>[] {
  const target = targets[pin.package];
  return target === undefined ? pin.conformance : [{ tier: 'peer', gaps: [], ...pin.conformance[0], target }];
}

async function suiteIn(folder: string): Promise<string> {
  const root = join(folder, 'node_modules', SUITE);
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const schema = v.pipe(v.string(), v.parseJson(), v.object({ bin: v.object({ 'virt-conformance': v.string() }) }));
  return join(root, v.parse(schema, text).bin['virt-conformance']);
}

async function run(
  pin: Pin,
  { target, tier, gaps }: Pick<Evidence, 'target' | 'tier' | 'gaps'>,
  { folder }: Installation,
  { note, signal }: PinsContext,
): Promise<readonly Problem[]> {
  const subject = subjectOf(pin);
  await writeFile(join(folder, 'known-gaps.json'), JSON.stringify(gaps));
  const args = [
    await suiteIn(folder),
    '--driver',
    pin.package,
    '--target',
    target,
    '--tier',
    tier,
    '--known-gaps',
    'known-gaps.json',
  ];
  try {
    const options = {
      cwd: folder,
      timeout: RUN_MILLISECONDS,
      maxBuffer: 64 * 1024 * 1024,
      ...(signal === undefined ? {} : { signal }),
    };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    note(`${subject}: ${stdout.trim().split('\n').at(-1) ?? ''}`);
    return [];
  } catch (error) {
    if (detailOf(error, 'code') !== FAILED_EXIT)
      return [
        notRun(pin, `${target} could not be used. ${String(detailOf(error, 'stderr') ?? messageOf(error)).trim()}`),
      ];
    const failed = String(detailOf(error, 'stdout'))
      .split('\n')
      .filter((line) => line.startsWith('FAIL'));
    const ids = failed
      .map((line) => line.split(/\s+/)[1])
      .slice(0, 5)
      .join(', ');
    const message = `${subject} fails ${failed.length} case(s) of the suite on ${target}: ${ids}${failed.length > 5 ? ', …' : ''}. Block it and upgrade.`;
    return [{ kind: 'conformance-failed', subject, message }];
  }
}

async function proveDriver(
  driver: Proven,
  common: readonly Proven[],
  targets: Targets,
  context: PinsContext,
): Promise<readonly Problem[]> {
  const runs = runsOf(driver.pin, targets);
  if (runs.length === 0)
    return [notRun(driver.pin, `it has no proof that names an endpoint. Give --endpoint ${driver.pin.package}=<uri>.`)];
  const installation = await installTarballs([...common, driver], context);
  try {
    const problems: Problem[] = [];
    // One after the other: each wants the endpoint for itself.
    for (const each of runs) problems.push(...(await run(driver.pin, each, installation, context)));
    return problems;
  } finally {
    await installation.close();
  }
}

/**
 * Runs the conformance suite that is among these, from tarballs, on every driver beside it. A driver that
 * cannot be run is a problem, never a pass.
 */
export async function proveConformance(
  proven: readonly Proven[],
  targets: Targets,
  context: PinsContext,
): Promise<readonly Problem[]> {
  const drivers = proven.filter(({ pin }) => pin.kind === 'driver');
  const core = coreIn(proven.map(({ pin }) => pin));
  const common = proven.filter(({ pin }) => pin === core || pin.package === SUITE);
  if (drivers.length === 0) return [];
  if (!common.some(({ pin }) => pin.package === SUITE)) {
    return drivers.map(({ pin }) =>
      notRun(pin, `no suite is pinned, and none was found that fits. Pin one: virt pins add ${SUITE}@<version>`),
    );
  }
  const problems: Problem[] = [];
  for (const driver of drivers) {
    try {
      problems.push(...(await proveDriver(driver, common, targets, context)));
    } catch (error) {
      if (!(error instanceof PinsError))
        throw failure('conformance-not-run', subjectOf(driver.pin), messageOf(error), error);
      problems.push(...error.problems);
    }
  }
  return problems;
}
