import { isDriverError, type MachineId, type MigrationPlan, type TaskProgress } from '@virt-drivers/core';
import { delay } from '@virt-drivers/core/kit';
import { domainMigrateStartPostCopy, type ParameterRecord } from '@virt-drivers/libvirt';
import { aboutMachine, domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { migrationJob, statisticsOf } from './job.js';

const BETWEEN_LOOKS = { milliseconds: 500 };

/** Who is told what about a migration that runs. */
export interface MoveWatcher {
  report(progress: TaskProgress): void;
  /** Nothing was sent for so long. Not called once the guest runs on the destination: no way leads back from there. */
  readonly stalled: { readonly afterMilliseconds: number; tell(): void };
}

/**
 * Reports how far a migration is until it is told to stop. libvirt tells of rounds by events but of bytes only when it is
 * asked. Also switches to post-copy where the plan has it: after all memory was sent once.
 */
export function watchMove(session: LibvirtSession, plan: MigrationPlan, watcher: MoveWatcher): () => Promise<void> {
  const controller = new AbortController();
  const watching = watch(session, plan, watcher, controller.signal).catch(() => undefined);
  return async () => {
    controller.abort();
    await watching;
  };
}

async function watch(
  session: LibvirtSession,
  { machine, postCopy }: MigrationPlan,
  { report, stalled }: MoveWatcher,
  signal: AbortSignal,
): Promise<void> {
  let best = 0;
  let switched = false;
  let sent = -1n;
  let lastSent = performance.now();
  for (;;) {
    await delay(BETWEEN_LOOKS, { signal });
    const job = await look(session, machine, signal);
    if (!job) continue;
    const sentNow = bytesSent(job);
    if (sentNow !== sent) [sent, lastSent] = [sentNow, performance.now()];
    else if (!switched && performance.now() - lastSent > stalled.afterMilliseconds) stalled.tell();
    const progress = progressOf(job);
    best = Math.max(best, progress.fraction ?? 0);
    report({ ...progress, fraction: best });
    if (!postCopy || switched || (statisticsOf(job).iteration ?? 0) < 2) continue;
    switched = await switchOver(session, machine);
  }
}

/** A look that fails is no end of the migration; whether that failed, it tells itself. */
async function look(session: LibvirtSession, id: MachineId, signal: AbortSignal): Promise<ParameterRecord | undefined> {
  try {
    return await migrationJob(session, id, { signal });
  } catch (error) {
    if (signal.aborted || !isDriverError(error)) throw error;
    return undefined;
  }
}

/** Lets the destination run and fetch what is missing. Resolves to whether libvirt took it. */
export async function switchOver({ daemon }: LibvirtSession, id: MachineId): Promise<boolean> {
  try {
    await daemon.call(aboutMachine(id), {}, (connection, call) =>
      domainMigrateStartPostCopy(connection, domainOf(id), 0, call),
    );
    return true;
  } catch (error) {
    if (isDriverError(error)) return false;
    throw error;
  }
}

function bytesSent(job: ParameterRecord): bigint {
  const counters = [job['memory_processed'], job['memory_constant'], job['disk_processed']];
  return counters.reduce<bigint>((sum, value) => (typeof value === 'bigint' ? sum + value : sum), 0n);
}

/** Pure. */
export function progressOf(job: ParameterRecord): TaskProgress {
  const { memoryTotalBytes, memoryRemainingBytes, diskTotalBytes, diskRemainingBytes } = statisticsOf(job);
  const total = (memoryTotalBytes ?? 0n) + (diskTotalBytes ?? 0n);
  const remaining = (memoryRemainingBytes ?? 0n) + (diskRemainingBytes ?? 0n);
  // Never 1: the last step, in which the guest stands still, comes after all bytes.
  const fraction = total === 0n ? 0 : Math.min(0.99, Number(total - remaining) / Number(total));
  return { fraction, phase: 'moving' };
}
