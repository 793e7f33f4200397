import { DriverError, isDriverError, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { runSteps, type Step } from '@virt-drivers/core/kit';
import { diskWith, sizeOf, specOf, volumeOf } from '../change/disk-attachment.js';
import { layoutOf } from '../change/layout.js';
import { STOP_WITHIN, turnOff } from '../change/machine-power.js';
import { completed, newVolume, removeVolume } from '../change/new-disks.js';
import { copyByBytes } from '../disks/copy-bytes.js';
import type { FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import { asRun } from '../flows/journal.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { getInstance } from '../instance/record-store.js';
import type { ColdContext } from './cold-context.js';
import {
  claimCopy,
  commitCopy,
  disksThere,
  finishCopy,
  markSource,
  unclaimCopy,
  uncommitCopy,
  unmarkSource,
} from './cold-records.js';
import { movable, type Moved } from './live.js';
import type { MoveOptions, MoveWish } from './move-options.js';
import { placeDisks } from './place-disks.js';

/**
 * Moves an instance to another endpoint, whatever drivers the two have: shuts it down, streams what its disks hold to new
 * volumes there (disks that the destination sees are handed over), and goes on there. The old one goes only when the new
 * one is complete; after a failure it is where it was, running again if it did.
 * Errors: `REQUEST.INVALID` (the same endpoint), `MIGRATION.INCOMPATIBLE`, `IMAGE.CHECKSUM_MISMATCH`, and as `liveMigrate`.
 */
export async function coldMigrate(
  source: OpenDriver,
  destination: OpenDriver,
  instanceId: string,
  wish: MoveWish = {},
  options: MoveOptions = {},
): Promise<Moved> {
  const { onProgress, onStatistics: _onStatistics, dryRun, stopWithin = STOP_WITHIN, ...stepOptions } = options;
  if (source.endpointId === destination.endpointId)
    throw new DriverError(
      'REQUEST.INVALID',
      `Instance ${instanceId} is on that endpoint already; move it between hosts live.`,
    );
  const found = await movable(source, instanceId, options);
  const placement = await placeDisks({ source, destination }, found.record, wish.pool, callOf(options));
  const { power } = layoutOf(found);
  return asRun('migrate', async (journal) => {
    const context: ColdContext = {
      source,
      destination,
      found,
      instance: found,
      wish,
      journal,
      placement,
      power,
      stopWithin,
      made: new Map(),
      foreign: new Set(),
      ...(onProgress && { onProgress }),
    };
    const steps = coldSteps(context);
    const names = steps.map(({ name }) => name);
    if (dryRun) return { steps: names, instance: found };
    await runSteps(steps, context, stepOptions);
    return { steps: names, instance: await getInstance(destination, instanceId, callOf(options)) };
  });
}

function coldSteps(context: ColdContext): readonly Step<ColdContext>[] {
  const there = disksThere(context);
  const runs = context.power === 'running';
  const copied = there.filter(({ volume }) => !volume);
  const seen = there.filter(({ volume }) => volume);
  return [
    { name: 'mark record', run: markSource, undo: unmarkSource },
    ...(runs ? [{ name: 'stop machine', run: stop, undo: startAgain }] : []),
    { name: 'claim machine', run: claimCopy, undo: unclaimCopy },
    ...copied.map(
      (disk): Step<ColdContext> => ({ name: `copy ${disk.volumeName}`, run: (own, call) => copy(own, disk, call) }),
    ),
    ...seen.map(
      (disk): Step<ColdContext> => ({
        name: `detach ${disk.volumeName}`,
        run: (own, call) => detach(own, disk, call),
        undo: ({ source, found }, call) => attach(source, found.machine.id, disk, call),
      }),
    ),
    ...there.map(
      (disk): Step<ColdContext> => ({
        name: `attach ${disk.volumeName}`,
        run: ({ destination, copy: claimed, made }, call) =>
          attach(destination, claimed?.machine.id, made.get(disk.volumeName) ?? disk, call),
        undo: (own, call) => detachThere(own, disk, call),
      }),
    ),
    { name: 'commit record', run: commitCopy, undo: uncommitCopy, commits: true },
    ...(runs ? [{ name: 'start machine', run: startThere }] : []),
    { name: 'remove old machine', run: removeOld },
    { name: 'finish record', run: finishCopy },
  ];
}

const stop = ({ source, found, stopWithin }: ColdContext, options: CallOptions): Promise<void> =>
  turnOff(source, found.machine.id, stopWithin, options);

const startAgain = ({ source, found }: ColdContext, options: CallOptions): Promise<void> =>
  source.power.start(found.machine.id, options);

async function startThere({ destination, copy: claimed }: ColdContext, options: CallOptions): Promise<void> {
  if (claimed) await destination.power.start(claimed.machine.id, options);
}

async function copy(context: ColdContext, disk: DiskRecord, options: CallOptions): Promise<void> {
  const { source, destination, found, onProgress } = context;
  const step = `copy ${disk.volumeName}`;
  const old = found.record.disks.find(({ volumeName }) => volumeName === disk.volumeName);
  const from = old && volumeOf(old);
  if (!from) throw new Error(`Disk ${disk.volumeName} has no volume.`);
  const watched: FinishOptions = {
    ...callOf(options),
    ...(onProgress && { onProgress: (progress) => onProgress({ step, progress }) }),
  };
  const volume = await copyByBytes(source, from, destination, newVolume(disk), sizeOf(disk), watched).catch(
    (error: unknown) => {
      if (isDriverError(error, 'VOLUME.EXISTS')) context.foreign.add(disk.volumeName);
      throw error;
    },
  );
  context.made.set(disk.volumeName, completed(disk, volume));
}

async function attach(
  driver: OpenDriver,
  machine: ColdContext['found']['machine']['id'] | undefined,
  disk: DiskRecord,
  options: CallOptions,
): Promise<void> {
  const volume = volumeOf(disk);
  if (volume && machine) await driver.disks.attach(machine, specOf(disk, volume), options);
}

async function detach({ source, found }: ColdContext, disk: DiskRecord, options: CallOptions): Promise<void> {
  const machine = await source.machines.get(found.machine.id, options);
  const attached = diskWith(machine, volumeOf(disk));
  if (attached) await source.disks.detach(machine.id, attached.id, options);
}

async function detachThere(
  { destination, copy: claimed, made }: ColdContext,
  disk: DiskRecord,
  options: CallOptions,
): Promise<void> {
  if (!claimed) return;
  const machine = await destination.machines.get(claimed.machine.id, options);
  const attached = diskWith(machine, volumeOf(made.get(disk.volumeName) ?? disk));
  if (attached) await destination.disks.detach(machine.id, attached.id, options);
}

/** The machine that the instance was, and what was copied of it; the record goes last. */
async function removeOld({ source, found, placement }: ColdContext, options: CallOptions): Promise<void> {
  await removeDeparted(source, found, (disk) => placement.get(disk) !== undefined, options);
}

/** Removes a machine whose instance lives elsewhere now, with those of its own volumes that were copied. */
export async function removeDeparted(
  source: OpenDriver,
  { machine: { id }, record }: ColdContext['found'],
  wasCopied: (disk: DiskRecord) => boolean,
  options: CallOptions,
): Promise<void> {
  const machine = await source.machines.get(id, options);
  for (const disk of record.disks) {
    const attached = diskWith(machine, volumeOf(disk));
    if (attached) await source.disks.detach(id, attached.id, options);
    if (wasCopied(disk)) await removeVolume(source, disk, options);
  }
  await source.machines.delete(id, {}, options);
}
