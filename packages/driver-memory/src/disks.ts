import { DriverError, isDriverError, type DiskSpec, type FacetAs, type MachineId, type Disk, type DiskId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { unmet } from './errors.js';
import { notice } from './guest/devices.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { checkDisk, checkHotPlug, diskFromSpec, equalDisk, newDisk } from './world/disk-rules.js';
import { findDisk } from './world/find.js';
import { tell } from './world/journal.js';
import type { Scene } from './world/scene.js';
import type { DiskState, MachineEntry } from './world/state.js';
import { viewDisk } from './world/view.js';

const GUEST_LETS_GO_WITHIN = { seconds: 30 };

const isOn = ({ state }: MachineEntry): boolean => state === 'running' || state === 'paused';

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

function changed(scene: Scene, machine: MachineEntry): void {
  notice(scene, machine);
  tell(scene, { kind: 'machine-updated', machine: machine.id });
}

/** What keeps the disk in a machine that is on: nothing, or a guest that does not answer (yet). */
function letsGo({ guest, state, temperament, disks }: MachineEntry): boolean {
  if (!guest || !disks.some(({ device }) => device === 'disk')) return true;
  return state === 'running' && temperament.guest === 'cooperative' && guest.phase === 'ready';
}

function remove(scene: Scene, machine: MachineEntry, id: DiskId): void {
  machine.disks = machine.disks.filter((disk) => disk.id !== id);
  tell(scene, { kind: 'disk-detached', machine: machine.id, disk: id });
  changed(scene, machine);
}

/** Detaches if that is possible now; undefined while the guest holds on. */
function tryDetach(session: MemorySession, scene: Scene, id: MachineId, disk: DiskId): true | undefined {
  const machine = session.idle(scene, id);
  const present = machine.disks.find((candidate) => candidate.id === disk);
  if (!present) return true;
  if (machine.state === 'saved') throw unmet(`Machine ${id}, which is saved,`, STOPPED);
  if (isOn(machine)) {
    session.need('disks.detachRunning');
    checkHotPlug(present.bus);
    if (!letsGo(machine)) return undefined;
  }
  remove(scene, machine, disk);
  return true;
}

const refused = (id: MachineId, disk: DiskId): DriverError =>
  new DriverError('DISK.DETACH_REFUSED', `Disk ${disk} of machine ${id} is held by the guest; it stays attached. Stop the machine, or try again.`, {
    subject: disk,
  });

function edit(session: MemorySession, id: MachineId, disk: DiskId, act: (disk: DiskState, scene: Scene, machine: MachineEntry) => void): Promise<Disk> {
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
  attach: (id, spec) => session.change((scene) => attach(session, scene, id, spec)),
  async detach(id, disk, options = {}) {
    const call = { ...options, deadline: options.deadline ?? deadlineIn(GUEST_LETS_GO_WITHIN) };
    try {
      await session.until((scene) => tryDetach(session, scene, id, disk), call, { what: `Detaching disk ${disk}`, stateAfter: 'unchanged' });
    } catch (error) {
      throw isDriverError(error, 'CALL.DEADLINE_EXCEEDED') ? refused(id, disk) : error;
    }
  },
  changeMedium: (id, disk, volume) =>
    edit(session, id, disk, (present, scene, machine) => {
      if (present.device !== 'media') {
        throw new DriverError('DISK.CONFLICT', `Disk ${disk} of machine ${id} is not a drive for media; detach it instead.`, { subject: disk });
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
      if (Object.keys(limits).length > 0) present.limits = limits;
      else delete present.limits;
    }),
});
