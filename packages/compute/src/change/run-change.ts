import { DriverError, isDriverError, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { amendError, runSteps, undoFailuresOf } from '@virt-drivers/core/kit';
import type { DiskContents } from '../disks/create-disk.js';
import { callOf } from '../flows/flow-options.js';
import { asRun, checkNotAtWork } from '../flows/journal.js';
import { checkOwnership, getInstance, type StoredInstance } from '../instance/record-store.js';
import { changeSteps } from './change-steps.js';
import type { Changed, ChangeContext, ChangeOptions, ReceiveImage } from './change-context.js';
import { describePlan, outline, type ChangePlan } from './change-plan.js';
import { checkNamesFree } from './change-records.js';
import { settleChange } from './settle-change.js';
import { STOP_WITHIN } from './machine-power.js';

/**
 * The instance, if it may be changed now; a change that was interrupted is ended first, as `reconcile` does. Errors:
 * `MACHINE.NOT_FOUND`, `REQUEST.CONFLICT` (recorded on another endpoint), `MACHINE.BUSY` (not complete, or somebody is at it).
 */
export async function changeable(
  driver: OpenDriver,
  instanceId: string,
  { dryRun, stopWithin, ...options }: ChangeOptions,
): Promise<StoredInstance> {
  const instance = await getInstance(driver, instanceId, callOf(options));
  checkOwnership(driver, instance);
  const { phase, change } = instance.record;
  if (phase === 'ready') return instance;
  await checkNotAtWork(instance);
  if (phase === 'changing' && change && change.flow !== 'migrate' && !dryRun) {
    await settleChange(driver, instance, change, { ...callOf(options), ...(stopWithin && { stopWithin }) });
    return getInstance(driver, instanceId, callOf(options));
  }
  throw new DriverError('MACHINE.BUSY', `Instance ${instanceId} is ${phase}; wait, or run reconcile.`, {
    subject: instanceId,
  });
}

/**
 * Makes a planned change. After a failure the instance is as before; after the death of this process `reconcile` brings it
 * to its old state or its new one, and removes what belongs to neither.
 */
export async function runChange(
  driver: OpenDriver,
  found: StoredInstance,
  plan: ChangePlan,
  contents: DiskContents & { readonly receive?: ReceiveImage },
  options: ChangeOptions,
): Promise<Changed> {
  const { dryRun, onProgress, stopWithin = STOP_WITHIN, ...stepOptions } = options;
  await checkNamesFree({ driver, plan, found }, callOf(options));
  await checkSnapshots(driver, found, plan, callOf(options));
  if (dryRun) return { plan: describePlan(plan), instance: found };
  return asRun(plan.flow, async (journal) => {
    const context: ChangeContext = {
      driver,
      plan,
      journal,
      contents,
      stopWithin,
      found,
      instance: found,
      made: new Map(),
      unsettled: new Set(),
      foreign: new Set(),
      ...(contents.receive && { receive: contents.receive }),
      ...(onProgress && { onProgress }),
    };
    try {
      await runSteps(changeSteps(plan), context, stepOptions);
    } catch (error) {
      throw withAdvice(error, context);
    }
    return { plan: describePlan(plan), instance: await getInstance(driver, found.instanceId, callOf(options)) };
  });
}

function withAdvice(error: unknown, { instance }: ChangeContext): unknown {
  if (!isDriverError(error)) return error;
  if (undoFailuresOf(error).length > 0) return amendError(error, { message: `${error.message} Reconcile does that.` });
  if (instance.record.change?.stage !== 'committed') return error;
  const message = `${error.message} The change itself is made; reconcile clears away what it replaced.`;
  return amendError(error, { message, stateAfter: 'partial' });
}

// Snapshots hold disks as they are; what would happen to them differs between hypervisors, so nothing is tried.
async function checkSnapshots(
  driver: OpenDriver,
  { instanceId, machine }: StoredInstance,
  plan: ChangePlan,
  options: CallOptions,
): Promise<void> {
  const { detach, attach } = outline(plan);
  if (!driver.snapshots || detach.length + attach.length + (plan.grow ?? []).length === 0) return;
  const [first] = await driver.snapshots.list(machine.id, options).all();
  if (!first) return;
  const text = `Instance ${instanceId} has snapshot "${first.name}" (${first.id}), which holds its disks; delete its snapshots first.`;
  throw new DriverError('SNAPSHOT.BLOCKS', text, { subject: instanceId, heldBy: first.id });
}
