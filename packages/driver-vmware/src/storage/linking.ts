import { DriverError, machineId, type CallOptions, type Condition, type CopyVolume } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { AS_FILES } from '../as-files.js';
import { isDiskDevice } from '../convert/disk-device.js';
import { keepsObjects } from '../inventory.js';
import { removeMachine } from '../machines/deletion.js';
import type { VmwareSession } from '../session.js';
import { carrierConfig, placeCarrier } from './carrier.js';
import { canBeContinued, noteLink } from './links.js';
import type { BegunVolume } from './making.js';
import { aboutVolume, readVolumeFile, type VolumeFile } from './volume-file.js';

/** What a disk that continues another cannot have. */
export const SAME_SIZE: Condition = {
  needs: 'volume-size',
  value: 'the size of its source',
  reason: 'A disk of vSphere that continues another one has its size for ever.',
};

const LINKED = 'Make a full copy, or copy within the pool.';

/** Errors: `CAPABILITY.CONDITION_UNMET`, `REQUEST.INVALID`, `VOLUME.IN_USE`. */
export function checkLink({ pool, name, sizeBytes }: CopyVolume, source: VolumeFile, used: boolean): void {
  const { id, store } = source;
  if (source.format !== 'vmdk')
    throw new DriverError('REQUEST.INVALID', `Volume ${name} cannot continue ${id.key}, which is no disk.`);
  if (pool !== id.pool)
    throw new DriverError('REQUEST.INVALID', `Volume ${name} cannot continue one of another pool. ${LINKED}`);
  if (keepsObjects(store)) throw unmet(name, AS_FILES);
  if (!canBeContinued(id)) {
    const text = `Volume ${name} cannot continue ${id.key}, which somebody else may change. Make a full copy.`;
    throw new DriverError('REQUEST.INVALID', text, { subject: id.key });
  }
  if (sizeBytes !== undefined && sizeBytes !== source.sizeBytes) throw unmet(name, SAME_SIZE);
  if (used) {
    const text = `Volume ${id.key} cannot be continued while a machine may write to it. Detach it first.`;
    throw new DriverError('VOLUME.IN_USE', text, { subject: id.key });
  }
}

const unmet = (name: string, condition: Condition): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `Volume ${name} cannot be a linked clone so. ${condition.reason}`, {
    condition,
  });

/**
 * Makes a disk that continues another one. Only machines get such disks, so one is made with it that exists only
 * meanwhile; the disk is taken from it before it goes, because a machine's disks go with it.
 */
export async function linkVolume(
  session: VmwareSession,
  made: BegunVolume,
  name: string,
  source: VolumeFile,
  options: CallOptions,
): Promise<void> {
  const id = machineId(randomUUID());
  const { store, profiles } = made;
  const { folder, pool, host } = await placeCarrier(session, store, options);
  const { sizeBytes } = source;
  const path = made.id.key;
  const config = carrierConfig({ work: 'link', uuid: id, store, path, sizeBytes, parent: source, profiles });
  await noteLink(session, source, name, options);
  await withUndo(async (undo) => {
    undo.push(`machine ${id}`, (own) => removeMachine(session, id, own, undefined));
    const about = { ...aboutVolume(made.id), within: { minutes: 30 } };
    await session.runTask(about, options, (vsphere, call) =>
      vsphere.invoke(folder, 'CreateVM_Task', { config, pool, ...(host && { host }) }, call),
    );
    const { devices } = await session.machines.view(id, options);
    if (!devices.some((device) => isDiskDevice(device)))
      throw new DriverError('HOST.FAILED', `Volume ${made.id.key} was made, and the server shows no disk of it.`);
    await removeMachine(session, id, options, undefined);
    // Somebody who deletes the source looks for what continues it before; so this looks for the source afterwards.
    await readVolumeFile(session, source.id, options);
  });
}
