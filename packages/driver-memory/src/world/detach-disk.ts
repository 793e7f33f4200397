import { DriverError, isDriverError, type CallOptions, type DiskId, type MachineId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { unmet } from '../errors.js';
import { notice } from '../guest/devices.js';
import { STOPPED } from '../limits.js';
import type { MemorySession } from '../session.js';
import { checkHotPlug } from './disk-rules.js';
import { tell } from './journal.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';

const GUEST_LETS_GO_WITHIN = { seconds: 30 };

/** Power is on. */
export const isOn = ({ state }: MachineEntry): boolean => state === 'running' || state === 'paused';

/** The machine's definition was changed: the guest notices, watchers are told. */
export function changed(scene: Scene, machine: MachineEntry): void {
  notice(scene, machine);
  tell(scene, { kind: 'machine-updated', machine: machine.id });
}

/** False while the guest of a machine that is on holds its disks: it does not answer, or not yet. */
function letsGo({ guest, state, temperament, disks }: MachineEntry): boolean {
  if (!guest || !disks.some(({ device }) => device === 'disk')) return true;
  return state === 'running' && temperament.guest === 'cooperative' && guest.phase === 'ready';
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
  machine.disks = machine.disks.filter((candidate) => candidate.id !== disk);
  tell(scene, { kind: 'disk-detached', machine: machine.id, disk });
  changed(scene, machine);
  return true;
}

const refused = (id: MachineId, disk: DiskId): DriverError =>
  new DriverError(
    'DISK.DETACH_REFUSED',
    `Disk ${disk} of machine ${id} is held by the guest; it stays attached. Stop the machine, or try again.`,
    {
      subject: disk,
    },
  );

/** Detaches a disk once the guest lets go of it; see `Disks.detach`. */
export async function detachDisk(
  session: MemorySession,
  id: MachineId,
  disk: DiskId,
  options: CallOptions,
): Promise<void> {
  const call = { ...options, deadline: options.deadline ?? deadlineIn(GUEST_LETS_GO_WITHIN) };
  const about = { what: `Detaching disk ${disk}`, stateAfter: 'unchanged' } as const;
  try {
    // Waits for a chance and tries again: between the two the guest may have changed its mind.
    while (!(await session.change((scene) => tryDetach(session, scene, id, disk)))) {
      await session.until((scene) => (canTry(session, scene, id) ? true : undefined), call, about);
    }
  } catch (error) {
    throw isDriverError(error, 'CALL.DEADLINE_EXCEEDED') ? refused(id, disk) : error;
  }
}

const canTry = (session: MemorySession, scene: Scene, id: MachineId): boolean => {
  const machine = session.machine(scene, id);
  return !isOn(machine) || letsGo(machine);
};
