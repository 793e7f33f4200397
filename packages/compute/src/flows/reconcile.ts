import { isDriverError, poolId, sameVolume, type CallOptions, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { Duration } from '@virt-drivers/core/kit';
import { settleMove } from '../migrate/settle-move.js';
import { settleChange, type SettleOptions } from '../change/settle-change.js';
import type { ChangeRecord } from '../instance/change-record.js';
import { isInstanceId } from '../instance/instance-id.js';
import type { DiskRecord, InstanceRecord } from '../instance/record.js';
import { readInstance, takeOver, writeInstance, type StoredInstance } from '../instance/record-store.js';
import { destroy } from './destroy.js';
import { callOf, type FlowOptions } from './flow-options.js';
import { asRun, isAtWork } from './journal.js';

/** How to reconcile. */
export interface ReconcileOptions extends FlowOptions {
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  /** Other endpoints, by which moves between this one and them are settled. Stay the caller's to close. */
  readonly peers?: readonly OpenDriver[];
  /** How long an unfinished run of a process on another machine counts as alive. Default: one hour. */
  readonly abandonedAfter?: Duration;
  /** How long a guest that must go down for it gets before its power is cut. Default: 60 seconds. */
  readonly stopWithin?: Duration;
}

/** What became of one instance. */
export interface Reconciled {
  readonly instanceId: string;
  /**
   * `finished`: only its start or record was missing, or what a change had replaced. `restored`: a change of it was taken
   * back. `removed`: it was incomplete, or half destroyed. `busy`: somebody
   * is at it. `foreign`: its record was written on another endpoint, or by somebody else. `failed`: see `error`.
   */
  readonly outcome: 'finished' | 'restored' | 'removed' | 'busy' | 'foreign' | 'failed';
  readonly error?: unknown;
}

/**
 * Finishes, takes back or removes what interrupted flows left. Looks at records only, and touches nothing that no
 * record of this endpoint names. Complete instances are not part of the result. One failure does not stop the others.
 */
export async function reconcile(driver: OpenDriver, options: ReconcileOptions = {}): Promise<readonly Reconciled[]> {
  const results: Reconciled[] = [];
  for await (const machine of driver.machines.list({ recorded: true }, callOf(options))) {
    const { recordOwner = '' } = machine;
    if (!isInstanceId(recordOwner)) continue;
    const result = await reconcileMachine(driver, machine, recordOwner, options);
    if (result) results.push(result);
  }
  return results;
}

async function reconcileMachine(
  driver: OpenDriver,
  machine: Machine,
  instanceId: string,
  options: ReconcileOptions,
): Promise<Reconciled | undefined> {
  try {
    const instance = await readInstance(driver, machine, callOf(options));
    if (!instance || instance.record.phase === 'ready') return undefined;
    return { instanceId, outcome: await settle(driver, instance, options) };
  } catch (error) {
    // A record that cannot be read is not ours to judge.
    if (isDriverError(error, 'REQUEST.CONFLICT')) return { instanceId, outcome: 'foreign', error };
    return { instanceId, outcome: 'failed', error };
  }
}

async function settle(
  driver: OpenDriver,
  instance: StoredInstance,
  options: ReconcileOptions,
): Promise<Reconciled['outcome']> {
  const { record, machine } = instance;
  const { change } = record;
  const isArrival = change?.to?.endpointId === driver.endpointId;
  if (record.endpointId !== driver.endpointId && !isArrival) return 'foreign';
  if (await isAtWork(record.journal, options.abandonedAfter)) return 'busy';
  if (record.phase === 'changing' && change?.flow === 'migrate') {
    if (options.dryRun) return change.stage === 'committed' ? 'finished' : 'restored';
    return settleMove({ driver, peers: options.peers ?? [], instance, change, options: settling(options) });
  }
  if (record.phase === 'changing' && record.change) return settleIfWanted(driver, instance, record.change, options);
  const complete = await completeDisks(driver, machine, record, callOf(options));
  const finishes = record.phase === 'spawning' && complete !== undefined;
  if (options.dryRun) return finishes ? 'finished' : 'removed';
  if (finishes) {
    await finish(driver, instance, complete, callOf(options));
    return 'finished';
  }
  await destroy(driver, instance.instanceId, options);
  return 'removed';
}

const settling = ({ stopWithin, ...options }: ReconcileOptions): SettleOptions => ({
  ...callOf(options),
  ...(stopWithin && { stopWithin }),
});

async function settleIfWanted(
  driver: OpenDriver,
  instance: StoredInstance,
  change: ChangeRecord,
  options: ReconcileOptions,
): Promise<Reconciled['outcome']> {
  if (!options.dryRun) await settleChange(driver, instance, change, settling(options));
  return change.stage === 'committed' ? 'finished' : 'restored';
}

/** The disks with their volumes, when every one is attached, which happens only once it is complete. */
async function completeDisks(
  driver: OpenDriver,
  machine: Machine,
  record: InstanceRecord,
  options: CallOptions,
): Promise<readonly DiskRecord[] | undefined> {
  const disks: DiskRecord[] = [];
  for (const disk of record.disks) {
    const volume = await driver.volumes.find({ pool: poolId(disk.pool), name: disk.volumeName }, options);
    if (!volume || !machine.disks.some((one) => one.volume && sameVolume(one.volume, volume.id))) return undefined;
    disks.push({ ...disk, format: volume.format, sizeBytes: String(volume.sizeBytes), volume: { ...volume.id } });
  }
  return disks;
}

async function finish(
  driver: OpenDriver,
  instance: StoredInstance,
  disks: readonly DiskRecord[],
  options: CallOptions,
): Promise<void> {
  await asRun('spawn', async (journal) => {
    const claimed = await takeOver(driver, instance, { ...instance.record, journal }, options);
    if (instance.record.start) await driver.power.start(instance.machine.id, options);
    const { journal: _journal, ...record } = claimed.record;
    await writeInstance(driver, claimed, { ...record, phase: 'ready', disks: [...disks] }, options);
  });
}
