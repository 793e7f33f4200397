import {
  DriverError,
  isDriverError,
  type CallOptions,
  type Machine,
  type MachineDeletion,
  type MachineId,
  snapshotId,
  type VolumeId,
} from '@virt-drivers/core';
import {
  DomainSnapshotListFlags,
  DomainUndefineFlags,
  domainDestroy,
  domainListAllSnapshots,
  domainSnapshotDelete,
  domainUndefineFlags,
  type Domain,
} from '@virt-drivers/libvirt';
import { removeConsoleLog } from '../console-log.js';
import { readUnits } from '../convert/host-unit.js';
import { aboutMachine, domainOf } from '../domains.js';
import { logOutUnneeded } from '../host-initiator/units.js';
import { forgetSecrets } from '../remote-secrets.js';
import type { LibvirtSession } from '../session.js';
import { mergeOverlays, overlaysOf } from '../snapshot-overlays.js';
import { unmapUnused } from '../storage/powerflex-mapping.js';
import { refuseRemovalOfUsed, removeVolume } from '../storage/removal.js';

/**
 * Removes a machine. The machine itself goes last, so that a deletion that was cut short is finished by repeating it.
 */
export async function deleteMachine(
  session: LibvirtSession,
  id: MachineId,
  deletion: MachineDeletion,
  options: CallOptions,
): Promise<void> {
  await session.locks.run(id, options, async () => {
    const view = await viewOrGone(session, id, options);
    if (!view) return;
    const { domain, machine, document } = view;
    const volumes = volumesToDelete(machine, deletion);
    refuseUnstopped(machine, deletion);
    for (const volume of volumes) await refuseRemovalOfUsed(session, volume, options, id).catch(ignoreGone);
    if (machine.state === 'running' || machine.state === 'paused') await kill(session, domain, options);
    const merged = await deleteSnapshots(session, id, options);
    const left = merged ? volumesToDelete((await session.domains.view(id, options)).machine, deletion) : volumes;
    for (const volume of left) await removeVolume(session, volume, options, id);
    for (const { volume } of machine.disks) if (volume) await unmapUnused(session, volume, options, id);
    await removeConsoleLog(session, document, options);
    await undefine(session, domain, options);
    await forgetSecrets(session, id, [], options);
    if (readUnits(document).length > 0) await logOutUnneeded(session, options);
  });
}

async function viewOrGone(session: LibvirtSession, id: MachineId, options: CallOptions) {
  try {
    domainOf(id);
    return await session.domains.view(id, options);
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}

function refuseUnstopped({ id, state }: Machine, { kill }: MachineDeletion): void {
  if (kill === true || state === 'stopped' || state === 'failed') return;
  throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}. Stop it first, or delete it with kill.`, {
    subject: id,
  });
}

function volumesToDelete({ id, disks }: Machine, { withVolumesOf = [] }: MachineDeletion): readonly VolumeId[] {
  return withVolumesOf.flatMap((wanted) => {
    const disk = disks.find((candidate) => candidate.id === wanted);
    if (!disk)
      throw new DriverError('DISK.NOT_FOUND', `Machine ${id} has no disk ${wanted}; nothing was deleted.`, {
        subject: wanted,
      });
    return disk.volume ?? [];
  });
}

async function kill({ daemon }: LibvirtSession, domain: Domain, options: CallOptions): Promise<void> {
  try {
    await daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
      domainDestroy(connection, domain, call),
    );
  } catch (error) {
    // It stopped by itself in between.
    if (!isDriverError(error, 'MACHINE.WRONG_STATE')) throw error;
  }
}

/**
 * Snapshots inside volumes, which may stay, are taken out of them, not just forgotten; those over volumes are merged into
 * them, the last one first. True where the machine has other volumes now.
 */
async function deleteSnapshots(session: LibvirtSession, id: MachineId, options: CallOptions): Promise<boolean> {
  const { daemon, domains } = session;
  const domain = domainOf(id);
  const about = { ...aboutMachine(id), long: true, within: { minutes: 5 } };
  const parentsFirst = await daemon.call(about, options, (connection, call) =>
    domainListAllSnapshots(connection, domain, DomainSnapshotListFlags.Topological, call),
  );
  let merged = false;
  for (const snapshot of [...parentsFirst].reverse()) {
    const overlays = await overlaysOf(session, domain, snapshotId(snapshot.name), options);
    merged ||= overlays.length > 0;
    if (overlays.length > 0) await mergeOverlays(session, await domains.view(id, options), snapshot, overlays, options);
    else await daemon.call(about, options, (connection, call) => domainSnapshotDelete(connection, snapshot, 0, call));
  }
  return merged;
}

/** libvirt 8.9 and later ask what to do with the state of an emulated TPM. */
const KNOWS_TPM = 8_009_000;

/** Forgets a machine that does not run, with all that libvirt keeps of it. */
export async function undefine(
  { daemon, endpoint }: LibvirtSession,
  domain: Domain,
  options: CallOptions,
): Promise<void> {
  const { ManagedSave, SnapshotsMetadata, CheckpointsMetadata, Nvram, Tpm } = DomainUndefineFlags;
  const all = ManagedSave | SnapshotsMetadata | CheckpointsMetadata | Nvram | (endpoint.libvirt >= KNOWS_TPM ? Tpm : 0);
  const flags = endpoint.product === 'QEMU' ? all : ManagedSave;
  await daemon
    .call(aboutMachine(domain.uuid), options, (connection, call) =>
      domainUndefineFlags(connection, domain, flags, call),
    )
    .catch(ignoreGone);
}

function ignoreGone(error: unknown): void {
  if (!isDriverError(error, 'MACHINE.NOT_FOUND', 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
}
