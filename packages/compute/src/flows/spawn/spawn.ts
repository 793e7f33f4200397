import { DriverError, isDriverError, type OpenDriver } from '@virt-drivers/core';
import { amendError, runSteps, undoFailuresOf } from '@virt-drivers/core/kit';
import type { Gate } from '../../image-gate/admit-image.js';
import type { Instance } from '../../instance/instance.js';
import { checkInstanceId } from '../../instance/instance-id.js';
import type { Journal } from '../../instance/record.js';
import { checkOwnership, findInstance, type StoredInstance } from '../../instance/record-store.js';
import type { InstanceSpec } from '../../instance/spec.js';
import { callOf, type FlowOptions } from '../flow-options.js';
import { asRun, checkNotAtWork } from '../journal.js';
import { claimed, type SpawnContext } from './context.js';
import { specDigest } from './spec-digest.js';
import { firstSteps, spawnSteps } from './steps.js';

/**
 * Makes an instance: lets its image in, plans its disks, claims a machine, creates and attaches the disks, starts it and
 * completes its record. After a failure nothing of it is left; after the death of this process the next spawn of the
 * same id, or `reconcile`, finishes or removes it. An instance that is there already is returned.
 *
 * Errors: those of the gate and of the plan; `REQUEST.CONFLICT` (the id is taken by another spec, or is being
 * destroyed), `MACHINE.BUSY` (somebody is at it), `VOLUME.EXISTS`, and the driver's.
 */
export async function spawn(
  driver: OpenDriver,
  gate: Gate | undefined,
  spec: InstanceSpec,
  options: FlowOptions = {},
): Promise<Instance> {
  checkInstanceId(spec.instanceId);
  const specSha256 = specDigest(spec);
  const present = await findInstance(driver, spec.instanceId, callOf(options));
  if (present) {
    checkOwnership(driver, present);
    checkSame(present, specSha256);
    if (present.record.phase === 'ready') return present;
    checkNotChanging(present);
    await checkNotAtWork(present);
  }
  const { machine, record } = await asRun('spawn', (journal) =>
    runSpawn({ driver, gate, spec, specSha256, journal }, present, options),
  );
  return { instanceId: spec.instanceId, machine: await driver.machines.get(machine.id, callOf(options)), record };
}

interface SpawnStart {
  readonly driver: OpenDriver;
  readonly gate: Gate | undefined;
  readonly spec: InstanceSpec;
  readonly specSha256: string;
  readonly journal: Journal;
}

async function runSpawn(
  start: SpawnStart,
  present: StoredInstance | undefined,
  options: FlowOptions,
): Promise<Instance> {
  const { onProgress, ...stepOptions } = options;
  const context: SpawnContext = {
    ...start,
    resumed: present !== undefined,
    plan: [],
    volumes: new Map(),
    foreign: new Set(),
    unsettled: new Set(),
    ...(present && { instance: present }),
    ...(onProgress && { onProgress }),
  };
  try {
    await runSteps(firstSteps(start.spec), context, stepOptions);
    await runSteps(spawnSteps(start.spec, context.image), context, stepOptions);
  } catch (error) {
    throw withAdvice(error);
  }
  return claimed(context);
}

// What an undo could not remove is named in the record that stays with the machine.
function withAdvice(error: unknown): unknown {
  if (undoFailuresOf(error).length === 0 || !isDriverError(error)) return error;
  return amendError(error, { message: `${error.message} Reconcile does that, and so does the same spawn.` });
}

function checkSame({ instanceId, record }: Instance, specSha256: string): void {
  const what =
    record.phase === 'destroying'
      ? 'is being destroyed; destroy it again to the end'
      : 'is another one; destroy it first, or use another id';
  if (record.phase !== 'destroying' && record.specSha256 === specSha256) return;
  throw new DriverError('REQUEST.CONFLICT', `Instance ${instanceId} exists and ${what}.`, { subject: instanceId });
}

function checkNotChanging({ instanceId, record: { phase, change } }: Instance): void {
  if (phase !== 'changing') return;
  const text = `Instance ${instanceId} is complete and has a ${change?.flow} going on; wait for that, or run reconcile.`;
  throw new DriverError('MACHINE.BUSY', text, { subject: instanceId });
}
