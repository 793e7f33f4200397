import { DriverError, type CallOptions, type CopyVolume, type TaskProgress, type VolumeId } from '@virt-drivers/core';
import { readAttachments } from '../attachments.js';
import { fileName, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { checkLink } from './linking.js';
import { checkFormat, diskManager, growDisk, wholeKibibytes } from './making.js';
import { aboutVolume, readVolumeFile, type VolumeFile } from './volume-file.js';

/** The source of a copy, checked. Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `VOLUME.CANNOT_SHRINK`, `CAPABILITY.CONDITION_UNMET`. */
export async function checkCopy(session: VmwareSession, volume: CopyVolume, options: CallOptions): Promise<VolumeFile> {
  const { source: id, mode = 'full', sizeBytes } = volume;
  const source = await readVolumeFile(session, id, options);
  if (volume.format !== undefined && checkFormat(volume.format) !== source.format)
    throw new DriverError('REQUEST.INVALID', `Volume ${volume.name} has the format of its source, ${source.format}.`);
  if (sizeBytes !== undefined && sizeBytes < source.sizeBytes)
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${volume.name} cannot be smaller than its source, which has ${source.sizeBytes} bytes.`,
      { subject: id.key },
    );
  if (mode === 'full') return atRest(session, source, options);
  const uses = (await readAttachments(session, [id.pool], options)).of(id);
  checkLink(
    volume,
    source,
    uses.some(({ own, readOnly }) => own && !readOnly),
  );
  return source;
}

/**
 * The volume with the file that has its content now, which after snapshots is not its own. Errors: `VOLUME.IN_USE` while
 * a machine that runs writes to it.
 */
export async function atRest(session: VmwareSession, file: VolumeFile, options: CallOptions): Promise<VolumeFile> {
  const { id } = file;
  const uses = (await readAttachments(session, [id.pool], options)).of(id).filter(({ own }) => own);
  const writer = uses.find(({ readOnly, active }) => !readOnly && active);
  if (writer)
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${id.key} is written by machine ${writer.machine}, which runs. Stop it first.`,
      { subject: id.key, heldBy: writer.machine },
    );
  const continuedBy = uses.find((use) => use.continuedBy)?.continuedBy;
  return continuedBy ? { ...file, continuedBy } : file;
}

/** Copies inside the server, then grows. */
export async function fillFromVolume(
  session: VmwareSession,
  { id, store }: { readonly id: VolumeId; readonly store: Datastore },
  { sizeBytes }: CopyVolume,
  source: VolumeFile,
  report: (progress: TaskProgress) => void,
  options: CallOptions,
): Promise<void> {
  const kind = {
    ...aboutVolume(id),
    within: { minutes: 600 },
    onProgress: (fraction: number) => report({ phase: 'copying', fraction }),
  };
  if (source.format === 'iso') await copyFile(session, source, store, id, kind, options);
  else await copyDisk(session, source, store, id, kind, options);
  const size = wholeKibibytes(sizeBytes ?? source.sizeBytes);
  if (source.format === 'vmdk' && size > source.sizeBytes) await growDisk(session, store, id, size, options);
}

type Kind = Parameters<VmwareSession['runTask']>[0];

/** Copies a disk with all that it continues into one of its own. */
export async function copyDisk(
  session: VmwareSession,
  source: VolumeFile,
  store: Datastore,
  id: VolumeId,
  kind: Kind,
  options: CallOptions,
): Promise<void> {
  const request = {
    sourceName: source.continuedBy?.fileName ?? fileName(source.store, source.id.key),
    sourceDatacenter: source.store.datacenter.ref,
    destName: fileName(store, id.key),
    destDatacenter: store.datacenter.ref,
    force: false,
  };
  await session.runTask(kind, options, (vsphere, call) =>
    vsphere.invoke(diskManager(session, id), 'CopyVirtualDisk_Task', request, call),
  );
}

async function copyFile(
  session: VmwareSession,
  source: VolumeFile,
  store: Datastore,
  id: VolumeId,
  kind: Kind,
  options: CallOptions,
): Promise<void> {
  const { fileManager } = session.center.content;
  if (!fileManager)
    throw new DriverError('CAPABILITY.ABSENT', `Volume ${id.key} is on an endpoint without a file manager.`);
  const request = {
    sourceName: fileName(source.store, source.id.key),
    sourceDatacenter: source.store.datacenter.ref,
    destinationName: fileName(store, id.key),
    destinationDatacenter: store.datacenter.ref,
    force: false,
  };
  await session.runTask(kind, options, (vsphere, call) =>
    vsphere.invoke(fileManager, 'CopyDatastoreFile_Task', request, call),
  );
}
