import {
  DriverError,
  isDriverError,
  poolId,
  sameVolume,
  type CallOptions,
  type Disk,
  type DiskSpec,
  type OpenDriver,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { runSteps } from '@virt-drivers/core/kit';
import type { DiskRecord, InstanceRecord } from '../instance/record.js';
import { checkOwnership, getInstance, writeInstance, type StoredInstance } from '../instance/record-store.js';
import { callOf, type FlowOptions } from './flow-options.js';

/** How to attach a volume; see `DiskSpec`. */
export type AttachWish = Omit<DiskSpec, 'volume' | 'device'>;

const MOST_TRIES = 5;

/**
 * Attaches a volume to an instance, running or not, and notes it in the record as not the instance's own: destroying the
 * instance leaves it alone. Attaching it again in the same way returns the same disk.
 * Errors: `MACHINE.NOT_FOUND`, `MACHINE.BUSY` (not complete), and those of `disks.attach`.
 */
export async function attachVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  wish: AttachWish = {},
  options: FlowOptions = {},
): Promise<Disk> {
  const { onProgress: _onProgress, ...stepOptions } = options;
  const instance = await readyInstance(driver, instanceId, callOf(options));
  const found = await driver.volumes.get(volume, callOf(options));
  const before = instance.machine.disks.some((disk) => disk.volume && sameVolume(disk.volume, volume));
  const context: { disk?: Disk } = {};
  await runSteps(
    [
      {
        name: 'attach disk',
        run: async (_context, call) => {
          context.disk = await driver.disks.attach(instance.machine.id, { ...wish, volume }, call);
        },
        undo: async (_context, call) => (before ? undefined : detachDisk(driver, instance, volume, call)),
      },
      {
        name: 'write record',
        run: (_context, call) => changeRecord(driver, instanceId, (record) => withAttached(record, found, wish), call),
        undo: async (_context, call) =>
          before ? undefined : changeRecord(driver, instanceId, (record) => without(record, volume), call),
      },
    ],
    context,
    stepOptions,
  );
  if (context.disk) return context.disk;
  throw new DriverError(
    'DRIVER.FAULT',
    `Volume ${volume.key} was attached to instance ${instanceId} without a disk to show.`,
  );
}

/**
 * Detaches a volume that was attached with `attachVolume`; it stays as it is. Succeeds when it is not attached.
 * Errors: `REQUEST.INVALID` (one of the instance's own disks), and those of `disks.detach`.
 */
export async function detachVolume(
  driver: OpenDriver,
  instanceId: string,
  volume: VolumeId,
  options: FlowOptions = {},
): Promise<void> {
  const { onProgress: _onProgress, ...stepOptions } = options;
  const instance = await readyInstance(driver, instanceId, callOf(options));
  const own = instance.record.disks.find((disk) => disk.owned && names(disk, volume));
  if (own) {
    const text = `Volume ${volume.key} is the ${own.role} disk of instance ${instanceId} and goes with it; it cannot be detached.`;
    throw new DriverError('REQUEST.INVALID', text, { subject: volume.key });
  }
  await runSteps(
    [
      { name: 'detach disk', run: (_context, call) => detachDisk(driver, instance, volume, call) },
      {
        name: 'write record',
        run: (_context, call) => changeRecord(driver, instanceId, (record) => without(record, volume), call),
      },
    ],
    {},
    stepOptions,
  );
}

async function readyInstance(driver: OpenDriver, instanceId: string, options: CallOptions): Promise<StoredInstance> {
  const instance = await getInstance(driver, instanceId, options);
  checkOwnership(driver, instance);
  if (instance.record.phase === 'ready') return instance;
  throw new DriverError('MACHINE.BUSY', `Instance ${instanceId} is ${instance.record.phase}; wait, or run reconcile.`, {
    subject: instanceId,
  });
}

async function detachDisk(
  driver: OpenDriver,
  { machine }: StoredInstance,
  volume: VolumeId,
  options: CallOptions,
): Promise<void> {
  const { disks } = await driver.machines.get(machine.id, options);
  const disk = disks.find((one) => one.volume && sameVolume(one.volume, volume));
  if (disk) await driver.disks.detach(machine.id, disk.id, options);
}

/** Writes a change of the record, reading it again when somebody else was faster. */
async function changeRecord(
  driver: OpenDriver,
  instanceId: string,
  change: (record: InstanceRecord) => InstanceRecord,
  options: CallOptions,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const instance = await getInstance(driver, instanceId, options);
    try {
      await writeInstance(driver, instance, change(instance.record), options);
      return;
    } catch (error) {
      if (tries === MOST_TRIES || !isDriverError(error, 'RECORD.CONFLICT')) throw error;
    }
  }
}

const names = ({ volume }: DiskRecord, id: VolumeId): boolean =>
  volume !== undefined && sameVolume({ pool: poolId(volume.pool), key: volume.key }, id);

const without = (record: InstanceRecord, id: VolumeId): InstanceRecord => ({
  ...record,
  disks: record.disks.filter((disk) => disk.owned || !names(disk, id)),
});

function withAttached(
  record: InstanceRecord,
  { id, name, format, sizeBytes }: Volume,
  { serial }: AttachWish,
): InstanceRecord {
  const disk: DiskRecord = {
    role: 'attached',
    owned: false,
    pool: id.pool,
    volumeName: name,
    origin: { kind: 'existing' },
    sizeBytes: String(sizeBytes),
    format,
    volume: { pool: id.pool, key: id.key },
    ...(serial !== undefined && { serial }),
  };
  return { ...record, disks: [...without(record, id).disks, disk] };
}
