import {
  DriverError,
  sameVolume,
  type CallOptions,
  type Disk,
  type DiskId,
  type DiskSpec,
  type FacetAs,
  type MachineId,
} from '@virt-drivers/core';
import { afterChange } from '@virt-drivers/core/kit';
import {
  DomainDeviceModifyFlags,
  domainAttachDeviceFlags,
  domainSetBlockIoTune,
  domainUpdateDeviceFlags,
} from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import { diskTree, limitsTree, readDisk, type NativeDisk } from './convert/disk-xml.js';
import { readDisks } from './convert/machine-xml.js';
import { append, child, remove, toXml, type Element } from './convert/xml.js';
import { refuseOtherWay } from './disk-conflict.js';
import { detachDisk } from './disk-detaching.js';
import { diskElementOf } from './disk-element.js';
import { createDiskPlanner, refuseTooManyDisks } from './disk-planning.js';
import { devicesOf, editStored } from './domain-editing.js';
import { aboutMachine, isActive, type DomainView } from './domains.js';
import type { LibvirtSession } from './session.js';
import { refuseWithoutSlot } from './slots.js';
import { givingVolumes, unmapUnused } from './storage/powerflex-mapping.js';

const { Live, Config } = DomainDeviceModifyFlags;

/** Disks of libvirt domains. */
export function createDisks(session: LibvirtSession): FacetAs<'disks', typeof capabilities.disks> {
  const { daemon, domains, locks } = session;
  const diskNow = async (machine: MachineId, id: DiskId, options: CallOptions): Promise<Disk> => {
    const { disks } = (await afterChange(domains.view(machine, options))).machine;
    const disk = disks.find((candidate) => candidate.id === id);
    if (!disk) throw notFound(machine, id);
    return disk;
  };

  return {
    attach: (id, spec, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const known = equalDisk(view, spec);
        if (known) return known;
        refuseTooManyDisks(id, view.machine.disks.length + 1);
        const taken = readDisks(view.document).map(({ target }) => target);
        const plan = await createDiskPlanner(session, id, taken, options).plan(spec);
        if (isActive(view) && plan.bus === 'paravirtual') refuseWithoutSlot(id, view.document);
        await givingVolumes(session, spec.volume ? [spec.volume] : [], options, async () => {
          if (!isActive(view))
            return editStored(session, view.domain, options, (document) => append(devicesOf(document), diskTree(plan)));
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainAttachDeviceFlags(connection, view.domain, toXml(diskTree(plan)), Live | Config, call),
          );
        });
        return diskNow(id, plan.id, options);
      }),

    detach: (id, disk, options = {}) => locks.run(id, options, () => detachDisk(session, id, disk, options)),

    changeMedium: (id, disk, volume, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const { native } = diskOf(view, disk);
        if (native.device !== 'media') {
          throw new DriverError(
            'DISK.CONFLICT',
            `Disk ${disk} of machine ${id} is no media drive; detach it instead.`,
            { subject: disk },
          );
        }
        const planner = createDiskPlanner(session, id, [], options);
        const medium = await planner.plan({ device: 'media', bus: native.bus, ...(volume && { volume }) });
        const plan = { ...native, chain: medium.chain };
        await givingVolumes(session, volume ? [volume] : [], options, async () => {
          if (isActive(view)) {
            await daemon.call(aboutMachine(id), options, (connection, call) =>
              domainUpdateDeviceFlags(connection, view.domain, toXml(diskTree(plan)), Live | Config, call),
            );
            return;
          }
          await editStored(session, view.domain, options, (document) => {
            const old = diskOf({ document }, disk).element;
            append(devicesOf(document), diskTree(plan));
            remove(old);
          });
        });
        const before = view.machine.disks.find((candidate) => candidate.id === disk)?.volume;
        if (before) await unmapUnused(session, before, options);
        return diskNow(id, disk, options);
      }),

    setLimits: (id, disk, limits, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const { native } = diskOf(view, disk);
        if (isActive(view)) {
          const values = {
            total_bytes_sec: (limits.throughput ?? 0n) / 8n,
            total_iops_sec: BigInt(limits.operations ?? 0n),
          };
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainSetBlockIoTune(connection, view.domain, native.target, values, Live | Config, call),
          );
        } else {
          await editStored(session, view.domain, options, (document) => {
            const { element } = diskOf({ document }, disk);
            const old = child(element, 'iotune');
            if (old) remove(old);
            const now = limitsTree(limits);
            if (now) append(element, now);
          });
        }
        return diskNow(id, disk, options);
      }),
  };
}

/** Errors: `DISK.CONFLICT` when the volume is attached in another way. */
function equalDisk({ machine }: DomainView, spec: DiskSpec): Disk | undefined {
  const { volume } = spec;
  const known = volume && machine.disks.find((disk) => disk.volume && sameVolume(disk.volume, volume));
  if (known) refuseOtherWay(machine.id, known, spec, `Volume ${volume.key}`);
  return known;
}

function diskOf(
  { document }: Pick<DomainView, 'document'>,
  id: DiskId,
): { readonly element: Element; readonly native: NativeDisk } {
  const element = diskElementOf(document, id);
  if (element) return { element, native: readDisk(element) };
  throw new DriverError('DISK.NOT_FOUND', `Disk ${id} is not there; machines.get tells the disks of a machine.`, {
    subject: id,
  });
}

const notFound = (machine: string, id: DiskId): DriverError =>
  new DriverError('DISK.NOT_FOUND', `Machine ${machine} has no disk ${id}; somebody else detached it.`, {
    subject: id,
  });
