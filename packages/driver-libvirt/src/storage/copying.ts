import { DriverError, type CallOptions, type CopyVolume, type VolumeId } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { readAttachments } from '../attachments.js';
import { fileNameOf, formatOf, type NativeVolume, type VolumeFormat } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import { backendOf } from './backend.js';
import { checkFormat, copyFile, growFile, makeFile, making, wholeSectors } from './making.js';

/** Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `REQUEST.INVALID`, `VOLUME.CANNOT_SHRINK`. */
export async function checkCopy(
  session: LibvirtSession,
  volume: CopyVolume,
  format: VolumeFormat,
  options: CallOptions,
): Promise<NativeVolume> {
  const { source, mode = 'full', sizeBytes } = volume;
  const native = await session.files.read(source, options);
  if (mode === 'linked' && !backendOf(format).continues) {
    throw new DriverError(
      'REQUEST.INVALID',
      `Volume ${volume.name} cannot be a linked clone in format ${format}; choose qcow2, or a full copy.`,
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
  const users = (await readAttachments(session.domains, options)).of(source);
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

/** Makes a volume from a volume. After an error there is no volume. */
export async function makeFromVolume(
  session: LibvirtSession,
  volume: CopyVolume,
  source: NativeVolume,
  format: VolumeFormat,
  options: CallOptions,
): Promise<VolumeId> {
  const pool = await session.pools.find(volume.pool, options);
  const fileName = fileNameOf(volume.name, format);
  const size = wholeSectors(volume.sizeBytes ?? source.capacityBytes);
  const id: VolumeId = { pool: volume.pool, key: fileName };
  return withUndo(async (undo) => {
    if (volume.mode === 'linked') {
      const backing = { path: source.path, format: checkFormat(formatOf(source)) };
      const plan = { fileName, format, capacityBytes: size, backing };
      return making(undo, session, id, () => makeFile(session, pool, plan, options));
    }
    const plan = { fileName, format, capacityBytes: source.capacityBytes };
    await making(undo, session, id, () => copyFile(session, pool, plan, volume.source, options));
    await growFile(session, id, size, options);
    return id;
  });
}
