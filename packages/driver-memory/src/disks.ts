import { DriverError, type DiskSpec, type FacetAs, type MachineId, type Disk, type DiskId } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { copyOf } from './world/copy.js';
import { changed, detachDisk, isOn } from './world/detach-disk.js';
import { checkDisk, checkHotPlug, diskFromSpec, equalDisk, newDisk } from './world/disk-rules.js';
import { findDisk } from './world/find.js';
import type { Scene } from './world/scene.js';
import type { DiskState, MachineEntry } from './world/state.js';
import { viewDisk } from './world/view.js';

function attach(session: MemorySession, scene: Scene, id: MachineId, spec: DiskSpec): Disk {
  const machine = session.idle(scene, id);
  const wanted = diskFromSpec(spec);
  const same = equalDisk(machine, wanted);
  if (same) return viewDisk(scene, same);
  if (wanted.shared) session.need('disks.multiAttach');
  if (wanted.serial !== undefined) session.need('disks.serial');
  if (wanted.device === 'media') session.need('disks.media');
  if (wanted.limits) session.need('disks.throughputLimit');
  checkDisk(scene, wanted, { machine, host: machine.host, present: machine.disks });
  if (machine.state === 'saved') throw unmet(`Machine ${id}, which is saved,`, STOPPED);
  if (isOn(machine)) {
    session.need('disks.attachRunning');
    checkHotPlug(wanted.bus);
  }
  const disk = newDisk(scene, wanted);
  machine.disks.push(disk);
  changed(scene, machine);
  return viewDisk(scene, disk);
}

function edit(
  session: MemorySession,
  id: MachineId,
  disk: DiskId,
  act: (disk: DiskState, scene: Scene, machine: MachineEntry) => void,
): Promise<Disk> {
  return session.change((scene) => {
    const machine = session.idle(scene, id);
    const present = findDisk(machine, disk);
    act(present, scene, machine);
    changed(scene, machine);
    return viewDisk(scene, present);
  });
}

/** Facet `disks`. */
export const createDisks = (session: MemorySession): FacetAs<'disks', typeof capabilities.disks> => ({
  attach: (id, spec) => session.change((scene) => attach(session, scene, id, copyOf(spec))),
  detach: (id, disk, options = {}) => detachDisk(session, id, disk, options),
  changeMedium: (id, disk, volume) =>
    edit(session, id, disk, (present, scene, machine) => {
      if (present.device !== 'media') {
        throw new DriverError(
          'DISK.CONFLICT',
          `Disk ${disk} of machine ${id} is not a drive for media; detach it instead.`,
          { subject: disk },
        );
      }
      const { volume: before, ...drive } = present;
      if (volume && (before?.pool !== volume.pool || before.key !== volume.key)) {
        const others = machine.disks.filter((other) => other !== present);
        checkDisk(scene, { ...drive, volume }, { machine, host: machine.host, present: others });
      }
      if (volume) present.volume = { pool: volume.pool, key: volume.key };
      else delete present.volume;
    }),
  setLimits: (id, disk, limits) =>
    edit(session, id, disk, (present) => {
      if (Object.keys(limits).length > 0) present.limits = { ...limits };
      else delete present.limits;
    }),
});
