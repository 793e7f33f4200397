import { isDriverError, poolId, type CallOptions, type Machine, type OpenDriver } from '@virt-drivers/core';
import { runSteps, type Step } from '@virt-drivers/core/kit';
import { removeOwnedVolume, type OwnedVolume } from '../disks/remove-disk.js';
import { ownedDisks, type DiskRecord, type Journal } from '../instance/record.js';
import { checkOwnership, findInstance, takeOver, type StoredInstance } from '../instance/record-store.js';
import { callOf, type FlowOptions } from './flow-options.js';
import { asRun, checkNotAtWork } from './journal.js';

interface DestroyContext {
  readonly driver: OpenDriver;
  readonly journal: Journal;
  instance: StoredInstance;
}

/**
 * Removes an instance: stops its machine, deletes the volumes that its record says are its own, then the machine, and
 * with it the record, last. Volumes that were attached later stay. Succeeds when it is already gone (`false` then); an
 * interrupted one is continued by calling it again, or by `reconcile`.
 *
 * Errors: `REQUEST.CONFLICT` (recorded on another endpoint, a volume that is somebody else's now), `MACHINE.BUSY`
 * (somebody is at it), `VOLUME.IN_USE`, and the driver's. After an error the rest is still there, record included.
 */
export async function destroy(driver: OpenDriver, instanceId: string, options: FlowOptions = {}): Promise<boolean> {
  const instance = await findInstance(driver, instanceId, callOf(options));
  if (!instance) return false;
  checkOwnership(driver, instance);
  await checkNotAtWork(instance);
  const { onProgress: _onProgress, ...stepOptions } = options;
  try {
    await asRun('destroy', (journal) => runSteps(destroySteps(instance), { driver, journal, instance }, stepOptions));
  } catch (error) {
    // Somebody else was faster to the end.
    if (!isDriverError(error, 'MACHINE.NOT_FOUND') || (await findInstance(driver, instanceId, callOf(options))))
      throw error;
  }
  return true;
}

/** The steps, in an order in which the record outlives everything that it names. */
function destroySteps({ record }: StoredInstance): readonly Step<DestroyContext>[] {
  const owned = [...ownedDisks(record)];
  return [
    { name: 'mark record', run: mark },
    { name: 'stop machine', run: stop },
    { name: 'delete snapshots', run: deleteSnapshots },
    // The last first: what a disk may be based on goes after it.
    ...owned.reverse().map(
      (disk): Step<DestroyContext> => ({
        name: `remove ${disk.volumeName}`,
        run: async ({ driver, instance }, options) =>
          removeOwnedVolume(driver, await fresh(driver, instance, options), ownedVolume(disk), options),
      }),
    ),
    {
      name: 'delete machine',
      run: ({ driver, instance }, options) => driver.machines.delete(instance.machine.id, {}, options),
    },
  ];
}

async function mark(context: DestroyContext, options: CallOptions): Promise<void> {
  const { driver, instance, journal } = context;
  context.instance = await takeOver(driver, instance, { ...instance.record, phase: 'destroying', journal }, options);
}

async function stop({ driver, instance }: DestroyContext, options: CallOptions): Promise<void> {
  const machine = await fresh(driver, instance, options);
  if (machine?.state === 'saved' && driver.suspension?.discardSaved)
    await driver.suspension.discardSaved(machine.id, options);
  else if (machine && machine.state !== 'stopped') await driver.power.kill(machine.id, options);
}

async function deleteSnapshots({ driver, instance }: DestroyContext, options: CallOptions): Promise<void> {
  if (!driver.snapshots) return;
  const snapshots = await driver.snapshots.list(instance.machine.id, options).all();
  // Parents are listed first; children go first.
  for (const snapshot of [...snapshots].reverse())
    await driver.snapshots.delete(instance.machine.id, snapshot.id, options);
}

async function fresh(
  driver: OpenDriver,
  { machine }: StoredInstance,
  options: CallOptions,
): Promise<Machine | undefined> {
  try {
    return await driver.machines.get(machine.id, options);
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}

const ownedVolume = ({ pool, volumeName, volume, serial }: DiskRecord): OwnedVolume => ({
  pool: poolId(pool),
  volumeName,
  ...(volume && { volume: { pool: poolId(volume.pool), key: volume.key } }),
  ...(serial !== undefined && { serial }),
});
