import { DriverError, type CallOptions, type Volume, type VolumeId } from '@virt-drivers/core';
import { sizeOf, volumeOf } from '../change/disk-attachment.js';
import { copyDisk, newVolume } from '../change/new-disks.js';
import { copyByBytes } from '../disks/copy-bytes.js';
import type { FinishOptions } from '../flows/finish-task.js';
import { callOf } from '../flows/flow-options.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { MoveContext, MoveTarget } from './move-context.js';

/** Name of the step that makes it. Pure. */
export const targetStep = ({ disk, copyOf }: MoveTarget): string => `${copyOf ? 'copy' : 'create'} ${disk.volumeName}`;

/**
 * Makes a volume on the destination that a disk is going to have. It is made here and not by the destination's `prepare`:
 * what the record names is found again whoever was interrupted.
 */
export async function makeTarget(context: MoveContext, target: MoveTarget, options: CallOptions): Promise<void> {
  const { destination, made } = context;
  const { disk, copyOf } = target;
  const { id } = copyOf
    ? await copyTarget(context, target, copyOf, options)
    : await destination.volumes.create({ ...newVolume(disk), sizeBytes: sizeOf(disk) }, options);
  made.set(disk.volumeName, id);
}

function copyTarget(
  { source, destination, onProgress }: MoveContext,
  target: MoveTarget,
  old: DiskRecord,
  options: CallOptions,
): Promise<Volume> {
  const watched: FinishOptions = { ...callOf(options), ...watching(onProgress, targetStep(target)) };
  if (source.endpointId === destination.endpointId) return copyDisk(source, target.disk, old, watched);
  return copyByBytes(source, idOf(old), destination, newVolume(target.disk), sizeOf(target.disk), watched);
}

function idOf(disk: DiskRecord): VolumeId {
  const id = volumeOf(disk);
  if (id) return id;
  throw new DriverError('VOLUME.NOT_FOUND', `Disk ${disk.volumeName} has no volume yet.`, { subject: disk.volumeName });
}

/** The part of a task's options that hands its progress on as that of a step. */
export const watching = (onProgress: MoveContext['onProgress'], step: string): Pick<FinishOptions, 'onProgress'> =>
  onProgress ? { onProgress: (progress) => onProgress({ step, progress }) } : {};
