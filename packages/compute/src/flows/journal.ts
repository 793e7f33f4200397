import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { DriverError } from '@virt-drivers/core';
import { inMilliseconds, type Duration } from '@virt-drivers/core/kit';
import type { Instance } from '../instance/instance.js';
import type { Journal } from '../instance/record.js';
import { identityFrom, identityText, isAlive, thisProcess } from '../process-identity.js';

// Flows of this thread that have not ended: one that ended without finishing its work is not at work any more. Kept with
// the thread, so that the ESM and the CommonJS copy of this package see each other's.
const running = ((): Set<string> => {
  const shared: { [key: symbol]: Set<string> | undefined } = globalThis;
  return (shared[Symbol.for('@virt-drivers/compute/running')] ??= new Set());
})();

// Whether a process of another machine lives cannot be seen from here.
const ABANDONED_AFTER: Duration = { minutes: 60 };

/** Runs `work` as one run of a flow; the journal names it in records that it writes. */
export async function asRun<T>(flow: Journal['flow'], work: (journal: Journal) => Promise<T>): Promise<T> {
  const run = randomUUID();
  running.add(run);
  try {
    return await work({
      run,
      flow,
      host: hostname(),
      process: await thisThread(),
      startedAt: new Date().toISOString(),
    });
  } finally {
    running.delete(run);
  }
}

/** True while the run that the journal names may still be going on; of other machines' runs, for an hour. */
export async function isAtWork(
  journal: Journal | undefined,
  abandonedAfter: Duration = ABANDONED_AFTER,
): Promise<boolean> {
  if (!journal) return false;
  if (running.has(journal.run)) return true;
  if (journal.host !== hostname()) return Date.now() - Date.parse(journal.startedAt) < inMilliseconds(abandonedAfter);
  if (journal.process === (await thisThread())) return false;
  const worker = identityFrom(journal.process);
  return worker !== undefined && (await isAlive(worker));
}

const thisThread = async (): Promise<string> => `${identityText(await thisProcess())}.${threadId}`;

/** Refuses, with `MACHINE.BUSY`, to interfere with a run that may still be going on. */
export async function checkNotAtWork({ instanceId, record: { phase, journal } }: Instance): Promise<void> {
  if (!(await isAtWork(journal))) return;
  const who = `process ${journal?.process} on ${journal?.host}`;
  throw new DriverError(
    'MACHINE.BUSY',
    `Instance ${instanceId} is ${phase} since ${journal?.startedAt} by ${who}; wait for it to end.`,
    {
      subject: instanceId,
      heldBy: who,
    },
  );
}
