import { DriverError, type CallOptions, type Condition, type CopyVolume } from '@virt-drivers/core';
import { isInFolder, type NativeVolume } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import type { Backend } from './backend.js';

/** What can be continued. */
export const CONTINUES: Condition = {
  needs: 'volume-format',
  value: 'qcow2, raw in Ceph, raw in PowerFlex',
  reason: 'Only qcow2 files and images in Ceph or PowerFlex pools can continue another volume.',
};

/** Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `CAPABILITY.CONDITION_UNMET`, `VOLUME.CANNOT_SHRINK`. */
export async function checkCopy(
  session: LibvirtSession,
  volume: CopyVolume,
  backend: Backend,
  options: CallOptions,
): Promise<NativeVolume> {
  const { source, mode = 'full', sizeBytes } = volume;
  const native = await session.files.read(source, options);
  if (mode === 'linked' && (!backend.fromImage || isInFolder(native))) {
    throw new DriverError(
      'CAPABILITY.CONDITION_UNMET',
      `Volume ${volume.name} cannot be a linked clone of ${source.key} in format ${backend.format} here; choose another format, or a full copy.`,
      { subject: source.key, condition: CONTINUES },
    );
  }
  if (sizeBytes !== undefined && sizeBytes < native.capacityBytes) {
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${volume.name} cannot be smaller than its source, which has ${native.capacityBytes} bytes.`,
      {
        subject: source.key,
      },
    );
  }
  const users = (await session.attachments(options)).of(source);
  // A linked clone dies with any later write to its source, also one by a machine that is stopped now.
  const writer = users.find(
    ({ readOnly, state }) => !readOnly && (mode === 'linked' || state === 'running' || state === 'paused'),
  );
  if (!writer) return native;
  throw new DriverError(
    'VOLUME.IN_USE',
    `Volume ${source.key} is attached for writing to machine ${writer.machine}. Detach it first.`,
    {
      subject: source.key,
      heldBy: writer.machine,
    },
  );
}
