import {
  DriverError,
  type CallOptions,
  type Condition,
  type DiskBus,
  type DiskSpec,
  type MachineId,
  type VolumeId,
} from '@virt-drivers/core';
import { refuseForeignUse } from '@virt-drivers/core/kit';
import type { Attachments } from './attachments.js';
import { BUSES, freeTarget, type DiskPlan, type Link } from './convert/disk-xml.js';
import { newDiskId } from './identity.js';
import { continuing } from './storage/place.js';
import type { LibvirtSession } from './session.js';

/** Disks of one machine: more than any guest of ours needs, and few enough for every bus and machine type. */
export const MOST_DISKS = 20;

const NO_NVME: Condition = {
  needs: 'bus',
  value: BUSES.join(', '),
  reason: 'libvirt gives a machine disks on these buses only.',
};

/** Which bus a disk gets that names none. QUIRK: media go on virtio-scsi, for cloud kernels often have no AHCI driver. */
export const busOf = ({ bus, device }: DiskSpec): DiskBus => bus ?? (device === 'media' ? 'scsi' : 'paravirtual');

/** What new disks of a machine will be, decided before anything is changed. */
export interface DiskPlanner {
  /** Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `CAPABILITY.CONDITION_UNMET`. */
  plan(spec: DiskSpec, bootOrder?: number): Promise<DiskPlan>;
}

/** `taken` are the places that the machine's disks have already. */
export function createDiskPlanner(
  session: LibvirtSession,
  machine: MachineId,
  taken: readonly string[],
  options: CallOptions,
): DiskPlanner {
  const targets = new Set(taken);
  let attachments: Promise<Attachments> | undefined;

  const chainOf = async (volume: VolumeId, readOnly: boolean, shared: boolean): Promise<readonly Link[]> => {
    attachments ??= session.attachments(options);
    const [chain, users, clones] = await Promise.all([
      session.files.chain(volume, options),
      attachments,
      readOnly ? [] : continuing(session, volume, options),
    ]);
    refuseForeignUse(
      { what: `Volume ${volume.key} in pool ${volume.pool}`, subject: volume.key },
      users.of(volume).filter((other) => other.machine !== machine),
      { readOnly, shared },
    );
    const [clone] = clones;
    if (clone) {
      const message = `Volume ${volume.key} is the base of volume ${clone.key}, which writing to it would spoil. Attach it read-only.`;
      throw new DriverError('VOLUME.IN_USE', message, { subject: volume.key, heldBy: clone.key });
    }
    return chain;
  };

  return {
    async plan(spec, bootOrder) {
      const bus = busOf(spec);
      if (!BUSES.includes(bus)) {
        throw new DriverError(
          'CAPABILITY.CONDITION_UNMET',
          `Bus ${bus} is not one of libvirt's for disks; use one of ${BUSES.join(', ')}.`,
          {
            condition: NO_NVME,
          },
        );
      }
      const device = spec.device ?? 'disk';
      const readOnly = device === 'media' || spec.readOnly === true;
      const shared = spec.shared === true;
      const chain = spec.volume ? await chainOf(spec.volume, readOnly, shared) : [];
      const target = freeTarget(bus, targets);
      targets.add(target);
      return {
        id: newDiskId(),
        device,
        bus,
        target,
        readOnly,
        shared,
        chain,
        ...(spec.serial === undefined ? {} : { serial: spec.serial }),
        ...(spec.limits && { limits: spec.limits }),
        ...(bootOrder === undefined ? {} : { bootOrder }),
      };
    },
  };
}

/** Errors: `DISK.LIMIT_REACHED`. */
export function refuseTooManyDisks(machine: string, count: number): void {
  if (count <= MOST_DISKS) return;
  throw new DriverError(
    'DISK.LIMIT_REACHED',
    `Machine ${machine} can have ${MOST_DISKS} disks, not ${count}. Detach one first.`,
    {
      subject: machine,
    },
  );
}
