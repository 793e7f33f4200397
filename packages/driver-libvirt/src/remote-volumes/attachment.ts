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
import { DomainDeviceModifyFlags, domainAttachDeviceFlags } from '@virt-drivers/libvirt';
import { diskTree, readDisk, type DiskPlan, type Link } from '../convert/disk-xml.js';
import { identityOf, readUnits } from '../convert/host-unit.js';
import { diskElements, readDisks } from '../convert/machine-xml.js';
import { append, toXml, type Element } from '../convert/xml.js';
import { refuseOtherWay } from '../disk-conflict.js';
import { createDiskPlanner, refuseTooManyDisks } from '../disk-planning.js';
import { devicesOf, editStored } from '../domain-editing.js';
import { aboutMachine, isActive, type DomainView } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { refuseWithoutSlot } from '../slots.js';
import { toRemoteError } from './errors.js';
import { letGoUnused } from './letting-go.js';
import { openingOf } from './opening.js';
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
  const opening = openingOf(session, id, connection);
  const { identity } = opening;
  const present = remoteDisk(view.document, identity);
  if (present !== undefined) {
    const known = diskIn(view, present);
    refuseOtherWay(id, known, spec, `Remote volume ${identity}`);
    // A password that was changed over there is for the next start.
    await opening.renew(options);
    return known;
  }
  refuseSaved(view);
  refuseTooManyDisks(id, view.machine.disks.length + 1);
  const taken = readDisks(view.document).map(({ target }) => target);
  const plan = await createDiskPlanner(session, id, taken, options).plan(spec);
  if (isActive(view) && plan.bus === 'paravirtual') refuseWithoutSlot(id, view.document);
  await refuseOtherUsers(session, id, identity, plan, options);
  return withUndo(async (undo) => {
    undo.push(`login and secret of machine ${id}`, (own) => letGoUnused(session, id, own));
    const plans = (await opening.open(options)).map((link) => planned(plan, link));
    const [first] = plans;
    if (isActive(view)) await attachLive(session, view, plans, identity, options);
    else
      await editStored(session, view.domain, options, (document) => {
        if (first) append(devicesOf(document), diskTree(first));
      });
    return diskIn(await afterChange(session.domains.view(id, options)), plan.id);
  });
}

/** Other hosts may write to a device of the host, so that it remembers nothing of what is there. */
const planned = (plan: DiskPlan, link: Link): DiskPlan => ({
  ...plan,
  chain: [link],
  ...(link.store === 'block' ? { cache: 'none' } : {}),
});

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

function remoteDisk(document: Element, identity: string): DiskId | undefined {
  const units = readUnits(document);
  const element = diskElements(document).find((disk) => identityOf(units, disk) === identity);
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
