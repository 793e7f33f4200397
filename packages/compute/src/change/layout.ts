import { DriverError, type Machine } from '@virt-drivers/core';
import type { MachineShape } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { Instance } from '../instance/instance.js';
import { attachmentOf, diskWith, keyOf, volumeOf } from './disk-attachment.js';
import { shapeOf } from './machine-shape.js';

/** All of an instance that changes are about. */
export interface Layout {
  /** In the order in which the guest sees them. */
  readonly disks: readonly DiskRecord[];
  readonly machine: MachineShape;
  readonly power: 'running' | 'stopped';
}

/**
 * The instance as it is: its record, with what only the machine knows. Errors: `MACHINE.WRONG_STATE` (neither running nor
 * stopped), `REQUEST.CONFLICT` (the machine's disks are not those of the record).
 */
export function layoutOf({ instanceId, machine, record }: Pick<Instance, 'instanceId' | 'machine' | 'record'>): Layout {
  const { state } = machine;
  if (state !== 'running' && state !== 'stopped') {
    throw new DriverError(
      'MACHINE.WRONG_STATE',
      `Instance ${instanceId} is ${state}; it can be changed while it runs or is stopped.`,
      { subject: instanceId },
    );
  }
  const disks = record.disks.map((disk) => withAttachment(instanceId, disk, machine));
  const known = new Set(disks.map(({ volume }) => volume && `${volume.pool}/${volume.key}`));
  const foreign = machine.disks.find(
    ({ device, volume }) => device === 'disk' && !(volume && known.has(`${volume.pool}/${volume.key}`)),
  );
  if (foreign) throw conflict(instanceId, `has disk ${foreign.id}, which its record does not know; detach it first`);
  // In the machine's order: that is what the guest sees.
  const place = (disk: DiskRecord): number =>
    machine.disks.findIndex((one) => one === diskWith(machine, volumeOf(disk)));
  return { disks: [...disks].sort((a, b) => place(a) - place(b)), machine: shapeOf(machine), power: state };
}

function withAttachment(instanceId: string, disk: DiskRecord, machine: Machine): DiskRecord {
  const attached = diskWith(machine, volumeOf(disk));
  if (attached) return { ...disk, attachment: attachmentOf(attached) };
  throw conflict(
    instanceId,
    `is recorded with volume ${disk.volumeName}, which is not attached to its machine; delete snapshots that changed it, or attach it`,
  );
}

/** The disks that must come off and go on. */
export interface DiskMoves {
  /** In the order of the disks that there are. */
  readonly off: readonly DiskRecord[];
  /** In the order in which they are wanted. */
  readonly on: readonly DiskRecord[];
}

/**
 * What leads from the disks that there are to those wanted, in their order. A volume that comes or goes is no reason to
 * touch the disks behind it: hosts order by bus, so that it may stand before a drive which is older. Pure.
 */
export function diskMoves(have: readonly DiskRecord[], wanted: readonly DiskRecord[]): DiskMoves {
  const ordered = without(wanted, have);
  const same = samePrefix(without(have, wanted), ordered);
  const untouched = new Set(ordered.slice(0, same).map(keyOf));
  const touched = (disk: DiskRecord): boolean => !untouched.has(keyOf(disk));
  return { off: have.filter(touched), on: wanted.filter(touched) };
}

// Disks, but for attached volumes that the others lack.
function without(disks: readonly DiskRecord[], others: readonly DiskRecord[]): readonly DiskRecord[] {
  const known = new Set(others.map(keyOf));
  return disks.filter((disk) => disk.role !== 'attached' || known.has(keyOf(disk)));
}

// How many disks at the front are the same in both.
function samePrefix(have: readonly DiskRecord[], wanted: readonly DiskRecord[]): number {
  const differs = have.findIndex((disk, index) => {
    const other = wanted[index];
    return !other || keyOf(disk) !== keyOf(other);
  });
  return differs < 0 ? have.length : differs;
}

const conflict = (instanceId: string, what: string): DriverError =>
  new DriverError('REQUEST.CONFLICT', `Instance ${instanceId} ${what}.`, { subject: instanceId });
