import type { Condition, DiskBus } from '@virt-drivers/core';

/** The most disks of each bus in one machine. */
export const DISKS_PER_BUS: Readonly<Record<DiskBus, number>> = { paravirtual: 24, scsi: 16, sata: 6, ide: 4, nvme: 8 };

/** The most nics of one machine. */
export const NICS_PER_MACHINE = 8;

/** Buses on which disks may come and go while the machine runs. */
export const HOT_PLUG_BUSES: readonly DiskBus[] = ['paravirtual', 'scsi', 'nvme'];

/** Longest record body, in bytes of JSON: four times what every driver takes. */
export const RECORD_BYTES = 65_536;

const diskLimit = (value: DiskBus): Condition => ({
  needs: 'bus',
  value,
  limit: { max: DISKS_PER_BUS[value], per: 'bus' },
  reason: `A machine has ${DISKS_PER_BUS[value]} places for disks on its ${value} bus.`,
});

export const DISK_LIMIT_CONDITIONS = [
  diskLimit('paravirtual'),
  diskLimit('scsi'),
  diskLimit('sata'),
  diskLimit('ide'),
  diskLimit('nvme'),
] as const;

export const HOT_PLUG_BUS: Condition = {
  needs: 'bus',
  value: HOT_PLUG_BUSES.join('|'),
  reason: 'Disks on the sata and ide buses cannot come or go while the machine runs; stop it first.',
};

export const GUEST_LETS_GO: Condition = {
  needs: 'guest-cooperation',
  reason: 'A running guest must let go of the disk.',
};

export const NIC_LIMIT: Condition = {
  needs: 'host-feature',
  limit: { max: NICS_PER_MACHINE, per: 'machine' },
  reason: `A machine has ${NICS_PER_MACHINE} places for nics.`,
};

export const STOPPED: Condition = { needs: 'machine-stopped', reason: 'The machine must be stopped for this.' };
export const RUNNING: Condition = { needs: 'machine-running', reason: 'The machine must be running for this.' };

export const RESIZE_MAXIMUM: Condition = {
  needs: 'host-feature',
  reason: 'A running machine grows up to the maximum that it was created with, and never shrinks; stop it for more.',
};

export const NO_SNAPSHOTS: Condition = {
  needs: 'no-snapshots',
  reason: 'A volume that a snapshot of a machine holds keeps its size; delete the snapshot first.',
};

export const REACHABLE_POOL: Condition = {
  needs: 'shared-storage',
  reason: 'The machine must be on a host that reaches the pool of the volume.',
};

export const GUEST_AGENT: Condition = { needs: 'guest-agent', reason: 'The agent in the guest must be running.' };
export const UEFI: Condition = { needs: 'firmware', value: 'uefi', reason: 'Secure boot is a part of UEFI firmware.' };
export const CONTENT_FORMAT: Condition = {
  needs: 'volume-format',
  value: 'raw|qcow2|iso',
  reason: 'Content is read in the formats raw, qcow2 and iso; convert it first.',
};
