import { isDriverError, type CallOptions } from '@virt-drivers/core';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createBench, type CaseCall, type RunContext } from './bench/bench.js';
import { createLedger, type Ledger } from './bench/ledger.js';
import type { ConformanceCase } from './case.js';
import {
  leakBetween,
  removeLeak,
  takeInventory,
  type EndpointInventory,
  type Leak,
} from './leaks/endpoint-inventory.js';
import { countResources, grownResources } from './leaks/process-resources.js';

// How long a case may take to settle after its time is over, before it is left behind.
const GRACE_MILLISECONDS = 5_000;
const CALLS_AT_ONCE = 50;
const CLEANUP_MILLISECONDS = 60_000;

/** How a case went: undefined when all is well, else what was wrong, as sentences. */
export type CaseFailure = { readonly message: string } | undefined;

const forCleanup = (): CallOptions => ({ deadline: new Date(Date.now() + CLEANUP_MILLISECONDS) });

/** The error as people want to read it: code first, and the chain of causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const head = isDriverError(error) ? `${error.code}: ${error.message}` : error.message;
  return error.cause instanceof Error ? `${head} [caused by: ${describeError(error.cause)}]` : head;
}

async function runInTime(
  run: RunContext,
  test: ConformanceCase,
  ledger: Ledger,
  milliseconds: number,
): Promise<string | undefined> {
  const controller = new AbortController();
  // Every call of the case listens to it, some of them at the same time.
  setMaxListeners(CALLS_AT_ONCE, controller.signal);
  const call: CaseCall = { signal: controller.signal, deadline: new Date(Date.now() + milliseconds) };
  const stop = new AbortController();
  const overtime = delay(milliseconds, undefined, { signal: stop.signal }).then(async () => {
    controller.abort(new Error(`The case did not end within ${milliseconds / 1000} s.`));
    await delay(GRACE_MILLISECONDS, undefined, { signal: stop.signal });
    return `did not end within ${milliseconds / 1000} s, nor ${GRACE_MILLISECONDS / 1000} s after it was told to`;
  });
  const work = (async () => test.run(createBench(run, ledger, call)))().then(
    () => undefined,
    (error: unknown) => describeError(error),
  );
  try {
    const outcome = await Promise.race([work, overtime]);
    return outcome !== undefined && controller.signal.aborted
      ? `${outcome} (its time of ${milliseconds / 1000} s was over)`
      : outcome;
  } finally {
    stop.abort();
    // Aborted just above, unless it has ended already.
    overtime.catch(() => undefined);
  }
}

async function findLeak(run: RunContext, before: EndpointInventory): Promise<Leak> {
  const after = await takeInventory(run.driver, run.place.pool.id, run.names.prefix, forCleanup());
  const { machines, volumes } = leakBetween(before, after);
  const isKept = (id: string): boolean => run.shelf.ledger.holds(id);
  return { machines: machines.filter(({ id }) => !isKept(id)), volumes: volumes.filter(({ id }) => !isKept(id.key)) };
}

const leakSentences = ({ machines, volumes }: Leak): readonly string[] => [
  ...machines.map(({ name }) => `leaked machine ${name}`),
  ...volumes.map(({ name }) => `leaked volume ${name}`),
];

async function dropSharedGuest({ shelf, driver }: RunContext): Promise<void> {
  const shared = shelf.shared;
  shelf.shared = undefined;
  // The ledger of the run deletes it once more; deleting the absent succeeds.
  if (shared) await driver.machines.delete(shared.id, { kill: true }, forCleanup()).catch(() => undefined);
}

async function runAndLookBehind(run: RunContext, test: ConformanceCase, milliseconds: number): Promise<CaseFailure> {
  const before = await takeInventory(run.driver, run.place.pool.id, run.names.prefix, forCleanup());
  const resources = countResources();
  const ledger = createLedger(run.driver);
  const problems: string[] = [];
  const failed = await runInTime(run, test, ledger, milliseconds);
  if (failed !== undefined) problems.push(failed);
  // First, because it may hold what the case made.
  if (failed !== undefined && test.needsGuest) await dropSharedGuest(run);
  problems.push(...(await ledger.settle(forCleanup())));
  const leak = await findLeak(run, before);
  problems.push(...leakSentences(leak));
  await removeLeak(run.driver, leak, forCleanup());
  const alive = await grownResources(resources);
  if (alive.length > 0) problems.push(`left alive in this process: ${alive.join(', ')}`);
  return problems.length === 0 ? undefined : { message: problems.join('. ') };
}

/** Runs one case within its time, takes away what it made, and looks for what it left behind. */
export async function runCase(run: RunContext, test: ConformanceCase, milliseconds: number): Promise<CaseFailure> {
  try {
    return await runAndLookBehind(run, test, milliseconds);
  } catch (error) {
    // An endpoint that is gone for a moment ends this case, not the run and its report.
    return { message: `What the endpoint has besides cannot be told: ${describeError(error)}` };
  }
}
