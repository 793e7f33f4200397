import {
  diskId,
  DriverError,
  sameVolume,
  type DiskBus,
  type DiskSpec,
  type HostId,
  type VolumeId,
} from '@virt-drivers/core';
import { refuseForeignUse } from '@virt-drivers/core/kit';
import { unmet } from '../errors.js';
import { DISK_LIMIT_CONDITIONS, DISKS_PER_BUS, HOT_PLUG_BUS, HOT_PLUG_BUSES, REACHABLE_POOL } from '../limits.js';
import { fingerprintOf } from './fingerprint.js';
import { findPool, findVolume } from './find.js';
import { nextId, type Scene } from './scene.js';
import type { DiskState, MachineEntry } from './state.js';
import { usesByOthers } from './volume-uses.js';

type Attached = Omit<DiskState, 'id'>;

/** The disk that a spec describes, defaults filled in. */
export function diskFromSpec({
  volume,
  device = 'disk',
  bus,
  readOnly,
  serial,
  limits,
  shared = false,
}: DiskSpec): Attached {
  return {
    device,
    bus: bus ?? (device === 'media' ? 'sata' : 'paravirtual'),
    readOnly: device === 'media' || readOnly === true,
    shared,
    ...(volume && { volume: { pool: volume.pool, key: volume.key } }),
    ...(serial !== undefined && { serial }),
    ...(limits && { limits }),
  };
}

/** `VOLUME.IN_USE` when another machine has the volume and they do not agree to share it. */
function checkNotTaken(
  scene: Scene,
  machine: string | undefined,
  disk: Attached & { readonly volume: VolumeId },
): void {
  const { pool, key } = disk.volume;
  const uses = usesByOthers(scene, machine, ({ volume }) => volume !== undefined && sameVolume(volume, disk.volume));
  refuseForeignUse({ what: `Volume ${key} in pool ${pool}`, subject: key }, uses, disk);
}

/** `DISK.LIMIT_REACHED` when the bus has no place for one more. */
function checkPlace(bus: DiskBus, present: readonly Attached[]): void {
  if (present.filter((disk) => disk.bus === bus).length < DISKS_PER_BUS[bus]) return;
  const condition = DISK_LIMIT_CONDITIONS.find(({ value }) => value === bus);
  throw new DriverError(
    'DISK.LIMIT_REACHED',
    `Bus ${bus} has no place for another disk: ${DISKS_PER_BUS[bus]} are there; use another bus.`,
    {
      ...(condition && { condition }),
    },
  );
}

/** Checks everything about a disk to be attached, before anything is changed. */
export function checkDisk(
  scene: Scene,
  disk: Attached,
  on: { readonly machine?: MachineEntry; readonly host: HostId; readonly present: readonly Attached[] },
): void {
  const { volume } = disk;
  if (volume) {
    findVolume(scene, volume);
    if (!findPool(scene, volume.pool).hosts.includes(on.host))
      throw unmet(`Volume ${volume.key} on host ${on.host}`, REACHABLE_POOL);
    checkNotTaken(scene, on.machine?.id, { ...disk, volume });
    if (on.present.some((other) => other.volume && sameVolume(other.volume, volume))) {
      throw new DriverError(
        'DISK.CONFLICT',
        `Volume ${volume.key} is attached to this machine in another way; detach it first.`,
        {
          subject: volume.key,
        },
      );
    }
  }
  checkPlace(disk.bus, on.present);
}

/** `CAPABILITY.CONDITION_UNMET` for a bus on which nothing can be plugged while the machine runs. */
export function checkHotPlug(bus: DiskBus): void {
  if (!HOT_PLUG_BUSES.includes(bus)) throw unmet(`Bus ${bus} of a running machine`, HOT_PLUG_BUS);
}

/** The machine's disk that has the same volume, attached in the same way; undefined when it differs or is not there. */
export function equalDisk(machine: MachineEntry, wanted: Attached): DiskState | undefined {
  return machine.disks.find(
    ({ id: _id, ...disk }) => wanted.volume !== undefined && fingerprintOf(disk) === fingerprintOf(wanted),
  );
}

/** Gives the disk its id. */
export const newDisk = (scene: Scene, disk: Attached): DiskState => ({
  ...disk,
  id: diskId(nextId(scene, 'disk')),
});
