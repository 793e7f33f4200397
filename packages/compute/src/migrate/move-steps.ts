import {
  DriverError,
  poolId,
  type CallOptions,
  type Machine,
  type Migration,
  type MigrationPlan,
  type OpenDriver,
} from '@virt-drivers/core';
import { delay, type Step } from '@virt-drivers/core/kit';
import { restingRecord } from '../change/change-records.js';
import { removeVolume } from '../change/new-disks.js';
import { finishTask, type FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import { present } from '../flows/machine-of.js';
import { findInstance, readInstance, takeOver, writeInstance } from '../instance/record-store.js';
import type { InstanceRecord } from '../instance/record.js';
import { arrivedDisks } from './arrived.js';
import type { MoveContext, MoveTarget } from './move-context.js';
import { makeTarget, targetStep, watching } from './move-targets.js';

/** Steps of a move by the hypervisors themselves: check both sides, prepare, run, and finish or roll back. */
export function moveSteps(targets: readonly MoveTarget[]): readonly Step<MoveContext>[] {
  return [
    { name: 'check', run: check },
    { name: 'mark record', run: mark, undo: unmark },
    ...targets.map(
      (target): Step<MoveContext> => ({
        name: targetStep(target),
        run: (context, options) => makeTarget(context, target, options),
        undo: ({ destination }, options) => removeVolume(destination, { ...target.disk, owned: true }, options),
      }),
    ),
    { name: 'prepare destination', run: prepare, undo: discard },
    { name: 'move machine', run: move, undo: refuseAfterArrival },
    { name: 'commit record', run: adopt, commits: true },
    { name: 'remove old volumes', run: removeOld },
    { name: 'finish record', run: finish },
  ];
}

/** The facet of one side. Errors: `CAPABILITY.ABSENT`. */
export const migrationOf = (driver: OpenDriver): Migration => present(driver, driver.migration, 'migration');

/** Refuses what stands in the way. Errors: `MIGRATION.INCOMPATIBLE`, naming all of it. */
export async function check(context: MoveContext, options: CallOptions): Promise<void> {
  const { source, destination, plan, found, targets } = context;
  for (const { disk } of targets) {
    if (!(await destination.volumes.find({ pool: poolId(disk.pool), name: disk.volumeName }, options))) continue;
    const text = `Volume ${disk.volumeName} is in pool ${disk.pool} of the destination already; look whose it is.`;
    throw new DriverError('VOLUME.EXISTS', text, { subject: disk.volumeName });
  }
  const obstacles = await migrationOf(source).check(plan, options);
  if (obstacles.length === 0) return;
  const what = obstacles.map(({ message }) => message).join(' ');
  throw new DriverError('MIGRATION.INCOMPATIBLE', `Instance ${found.instanceId} cannot move: ${what}`, {
    subject: found.instanceId,
  });
}

function marked({ found, journal, destination, ticket, plan, targets }: MoveContext): InstanceRecord {
  const volumes = targets.map(({ disk }) => disk);
  const to = {
    endpointId: destination.endpointId,
    volumes,
    ...(ticket && { ticket: { ...ticket, expiresAt: ticket.expiresAt.toISOString() } }),
  };
  const power = plan.mode === 'live' ? 'running' : 'stopped';
  const change = { flow: 'migrate', stage: 'forward', power, remove: [], to } as const;
  return { ...found.record, phase: 'changing', journal, change: { ...change, remove: [] } };
}

async function mark(context: MoveContext, options: CallOptions): Promise<void> {
  context.instance = await takeOver(context.source, context.found, marked(context), options);
}

async function unmark({ source, found, journal }: MoveContext, options: CallOptions): Promise<void> {
  const instance = await findInstance(source, found.instanceId, options);
  if (instance?.record.journal?.run === journal.run)
    await writeInstance(source, instance, restingRecord(found.record), options);
}

/** The plan with the volumes that were made for it. */
const planOf = ({ plan, targets, made }: MoveContext): MigrationPlan => ({
  ...plan,
  ...(targets.length > 0 && {
    disks: targets.map(({ id, disk }) => {
      const volume = made.get(disk.volumeName);
      return { disk: id, pool: poolId(disk.pool), ...(volume && { volume }) };
    }),
  }),
});

async function prepare(context: MoveContext, options: CallOptions): Promise<void> {
  const { source, destination } = context;
  const plan = planOf(context);
  const description = await migrationOf(source).describe(plan, options);
  context.ticket = await migrationOf(destination).prepare(plan, description, options);
  // So that whoever finds the record can take back what was prepared.
  context.instance = await writeInstance(source, context.instance, marked(context), options);
}

async function discard({ destination, ticket }: MoveContext, options: CallOptions): Promise<void> {
  if (ticket) await migrationOf(destination).discard(ticket, options);
}

async function move(context: MoveContext, options: CallOptions): Promise<void> {
  const { source, ticket, onProgress } = context;
  if (!ticket) throw new Error('The destination was not prepared.');
  const watched: FinishOptions = { ...callOf(options), ...watching(onProgress, 'move machine') };
  const task = await migrationOf(source).start(planOf(context), ticket, options);
  const over = new AbortController();
  void watchStatistics(context, over.signal);
  try {
    context.arrived = await finishTask(task, watched);
  } catch (error) {
    // It may have arrived and only the answer been lost.
    const there = await arrivedMachine(context, callOf({})).catch(() => undefined);
    if (!there) throw error;
    context.arrived = there;
  } finally {
    over.abort();
  }
}

const EVERY = { milliseconds: 500 };

async function watchStatistics({ source, plan, onStatistics }: MoveContext, signal: AbortSignal): Promise<void> {
  const statistics = source.migration?.statistics;
  if (!onStatistics || !statistics) return;
  while (!signal.aborted) {
    try {
      onStatistics(await statistics(plan.machine, { signal }));
    } catch {
      // Not on its way yet, or not any more, or an observer failed: none is a reason to fail.
    }
    await delay(EVERY, { signal }).catch(() => undefined);
  }
}

/** The machine on the destination, once it is there and nowhere else. */
export async function arrivedMachine(
  { source, destination, found, plan }: Pick<MoveContext, 'source' | 'destination' | 'found' | 'plan'>,
  options: CallOptions,
): Promise<Machine | undefined> {
  const there = await destination.machines.find({ recordOwner: found.instanceId }, options);
  if (source.endpointId === destination.endpointId)
    return there && there.host !== found.machine.host && (plan.host ?? there.host) === there.host ? there : undefined;
  const here = await source.machines.find({ recordOwner: found.instanceId }, options);
  return here ? undefined : there;
}

async function refuseAfterArrival(context: MoveContext, options: CallOptions): Promise<void> {
  if (!(await arrivedMachine(context, options))) return;
  const text = `Instance ${context.found.instanceId} has arrived and cannot be sent back by an undo.`;
  throw new DriverError('MACHINE.WRONG_STATE', text, { subject: context.found.instanceId });
}

async function adopt(context: MoveContext, options: CallOptions): Promise<void> {
  const { destination, source, arrived, found, journal, placement } = context;
  if (!arrived) throw new Error('The machine has not arrived.');
  const there = await readInstance(destination, arrived, options);
  if (!there) throw new DriverError('DRIVER.FAULT', `Machine ${arrived.id} arrived without its record.`);
  const { change: _change, ...old } = found.record;
  const disks = await arrivedDisks(destination, arrived, found.record, options);
  const moved = found.record.disks.filter((disk) => disk.owned && placement.get(disk) !== undefined);
  const change: InstanceRecord['change'] = {
    flow: 'migrate',
    stage: 'committed',
    power: arrived.state === 'running' ? 'running' : 'stopped',
    remove: [],
    loose: [...moved],
    from: { endpointId: source.endpointId },
  };
  const record: InstanceRecord = {
    ...old,
    phase: 'changing',
    journal,
    endpointId: destination.endpointId,
    pool: disks[0]?.pool ?? old.pool,
    disks: [...disks],
    change,
  };
  context.instance = await writeInstance(destination, there, record, options);
}

// Most hypervisors have removed what they copied.
async function removeOld({ source, found, placement }: MoveContext, options: CallOptions): Promise<void> {
  for (const disk of found.record.disks) {
    if (placement.get(disk) !== undefined) await removeVolume(source, disk, options);
  }
}

async function finish(context: MoveContext, options: CallOptions): Promise<void> {
  const record = restingRecord(context.instance.record);
  context.instance = await writeInstance(context.destination, context.instance, record, options);
}
