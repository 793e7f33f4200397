import {
  DriverError,
  isDriverError,
  type CallOptions,
  type Disk,
  type DiskId,
  type DiskSpec,
  type MachineId,
  type RemoteConnection,
} from '@virt-drivers/core';
import { afterChange, withUndo } from '@virt-drivers/core/kit';
import { DomainDeviceModifyFlags, DomainXmlFlags, domainAttachDeviceFlags } from '@virt-drivers/libvirt';
import { diskTree, readDisk, type DiskPlan } from '../convert/disk-xml.js';
import { diskElements, readDisks } from '../convert/machine-xml.js';
import { remoteIdentity, remoteSourceOf, type RemoteSource } from '../convert/remote-source.js';
import { append, toXml, type Element } from '../convert/xml.js';
import { refuseOtherWay } from '../disk-conflict.js';
import { createDiskPlanner, refuseTooManyDisks } from '../disk-planning.js';
import { devicesOf, editStored } from '../domain-editing.js';
import { aboutMachine, domainOf, isActive, type DomainView } from '../domains.js';
import { forgetSecrets, keepSecret } from '../remote-secrets.js';
import type { LibvirtSession } from '../session.js';
import { refuseWithoutSlot } from '../slots.js';
import { sourceOf, type WantedSource } from './connection-source.js';
import { toRemoteError } from './errors.js';
import { waysTo } from './ways.js';
import { refuseOtherUsers } from './users.js';

const { Live, Config } = DomainDeviceModifyFlags;

/** Attaches a volume of another system; the caller holds the machine's lock. */
export async function attachRemote(
  session: LibvirtSession,
  id: MachineId,
  connection: RemoteConnection,
  spec: Omit<DiskSpec, 'volume'>,
  options: CallOptions,
): Promise<Disk> {
  const view = await session.domains.view(id, options);
  const wanted = sourceOf(connection, session.endpoint.hostId);
  const identity = remoteIdentity(wanted.source);
  const present = remoteDisk(view.document, identity);
  if (present !== undefined) {
    const known = diskIn(view, present);
    refuseOtherWay(id, known, spec, `Remote volume ${identity}`);
    // A password that was changed over there is for the next start.
    await sourceWithSecret(session, id, wanted, options);
    return known;
  }
  refuseSaved(view);
  refuseTooManyDisks(id, view.machine.disks.length + 1);
  const taken = readDisks(view.document).map(({ target }) => target);
  const plan = await createDiskPlanner(session, id, taken, options).plan(spec);
  if (isActive(view) && plan.bus === 'paravirtual') refuseWithoutSlot(id, view.document);
  await refuseOtherUsers(session, id, identity, plan, options);
  return withUndo(async (undo) => {
    undo.push(`secret of machine ${id}`, (own) => forgetUnused(session, id, own));
    const source = await sourceWithSecret(session, id, wanted, options);
    const planned = (way: RemoteSource): DiskPlan => ({
      ...plan,
      chain: [{ path: identity, format: wanted.format, store: { remote: way } }],
    });
    if (isActive(view)) await attachLive(session, view, waysTo(source).map(planned), identity, options);
    else
      await editStored(session, view.domain, options, (document) =>
        append(devicesOf(document), diskTree(planned(source))),
      );
    return diskIn(await afterChange(session.domains.view(id, options)), plan.id);
  });
}

/** Tries one way after the other, in the order in which they were named. */
async function attachLive(
  { daemon }: LibvirtSession,
  { domain }: DomainView,
  plans: readonly DiskPlan[],
  identity: string,
  options: CallOptions,
): Promise<void> {
  for (const [index, plan] of plans.entries()) {
    try {
      await daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
        domainAttachDeviceFlags(connection, domain, toXml(diskTree(plan)), Live | Config, call),
      );
      return;
    } catch (error) {
      const told = toRemoteError(error, `Remote volume ${identity}`);
      if (!isDriverError(told, 'POOL.UNAVAILABLE') || index === plans.length - 1) throw told;
    }
  }
}

/** The source with libvirt's secret in it, which libvirt has from now on. */
export async function sourceWithSecret(
  session: LibvirtSession,
  id: MachineId,
  { source, credentials }: WantedSource,
  options: CallOptions,
): Promise<RemoteSource> {
  if (!credentials) return source;
  const kind = source.protocol === 'rbd' ? 'ceph' : 'iscsi';
  const secretUuid = await keepSecret(session, id, remoteIdentity(source), kind, credentials.secret, options);
  return { ...source, auth: { username: credentials.user, secretUuid } };
}

/** Removes what no disk of the machine needs, of those that run and those that are stored. */
export async function forgetUnused(session: LibvirtSession, id: MachineId, options: CallOptions): Promise<void> {
  const domain = domainOf(id);
  const documents = await Promise.all(
    [0, DomainXmlFlags.Inactive].map((flags) => session.domains.document(domain, options, flags)),
  );
  await forgetSecrets(session, id, documents, options);
}

function remoteDisk(document: Element, identity: string): DiskId | undefined {
  const element = diskElements(document).find((disk) => {
    const source = remoteSourceOf(disk);
    return source && remoteIdentity(source) === identity;
  });
  return element && readDisk(element).id;
}

function diskIn({ machine }: DomainView, id: DiskId): Disk {
  const disk = machine.disks.find((candidate) => candidate.id === id);
  if (disk) return disk;
  throw new DriverError('DISK.NOT_FOUND', `Machine ${machine.id} has no disk ${id}; somebody else detached it.`, {
    subject: id,
  });
}

function refuseSaved({ machine: { id, state } }: DomainView): void {
  if (state !== 'saved') return;
  throw new DriverError(
    'MACHINE.WRONG_STATE',
    `Machine ${id} is saved; restore it, or discard its memory, before a disk is attached.`,
    { subject: id },
  );
}
