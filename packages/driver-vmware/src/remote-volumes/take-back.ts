import type { CallOptions, MachineId } from '@virt-drivers/core';
import { isDiskDevice, type DiskDevice } from '../convert/disk-device.js';
import { toOptionValues } from '../convert/extra-config.js';
import { noteOfDevice, readRemoteNotes, remoteKey, type RemoteNote } from '../convert/remote-note.js';
import { removalOf } from '../disk-removal.js';
import type { MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import { doorsOf } from './doors.js';
import { detachObject } from './pool-object.js';
import { otherMachines, ownOthers } from './users.js';

/** The lock of a door: what several volumes share is opened and closed by one at a time. */
export const doorLock = (door: string): string => `remote/${door}`;

/** The disk that a note is about; undefined when there is none (yet, or any more). */
export const deviceOfNote = (devices: MachineView['devices'], note: RemoteNote): DiskDevice | undefined =>
  devices.filter(isDiskDevice).find((device) => noteOfDevice([note], device) !== undefined);

/**
 * Takes back all that an attachment did, however far it came: the disk, what its hosts were told, and the note. May be
 * repeated. The caller holds the locks of machine and door.
 */
export async function takeBack(
  session: VmwareSession,
  machine: MachineId,
  identity: string,
  options: CallOptions,
): Promise<void> {
  const view = await session.machines.view(machine, options);
  const notes = readRemoteNotes(view.settings, machine);
  const note = notes.find((one) => one.identity === identity);
  if (!note) return;
  const device = deviceOfNote(view.devices, note);
  if (device && note.protocol === 'poolObject') await detachObject(session, view, note.backing, options);
  else if (device) await reconfigure(session, view, removalOf(view, device), options);
  const others = [...(await otherMachines(session, machine, options)), ownOthers(machine, notes, identity)];
  await doorsOf(session)[note.protocol].close(note, others, options);
  await reconfigure(session, view, { extraConfig: toOptionValues([[remoteKey(identity), '']]) }, options);
}

/** The same for all remote volumes of a machine that goes, or for those without a disk only. */
export async function takeBackAll(
  session: VmwareSession,
  { machine, settings, devices }: MachineView,
  options: CallOptions,
  only: 'all' | 'without disk' = 'all',
): Promise<void> {
  for (const note of readRemoteNotes(settings, machine.id)) {
    if (only === 'without disk' && deviceOfNote(devices, note)) continue;
    await session.locks.run(doorLock(note.door), options, () => takeBack(session, machine.id, note.identity, options));
  }
}
