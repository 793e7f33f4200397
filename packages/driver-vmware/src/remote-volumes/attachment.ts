import {
  DriverError,
  type CallOptions,
  type Disk,
  type MachineId,
  type PoolObject,
  type RemoteConnection,
} from '@virt-drivers/core';
import { afterChange, withUndo } from '@virt-drivers/core/kit';
import { diskIdOf } from '../convert/disk-device.js';
import { toOptionValues } from '../convert/extra-config.js';
import { readRemoteNotes, remoteSetting, type RemoteNote } from '../convert/remote-note.js';
import { isEqual, refuseAbsent, refuseRunning } from '../disk-planning.js';
import type { MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import type { RemoteSpec, Visit } from './door.js';
import { addDevice } from './device.js';
import { approach, type Approach } from './doors.js';
import { reachOf } from './reach.js';
import { deviceOfNote, doorLock, takeBack } from './take-back.js';
import { otherMachines, ownOthers, refuseOtherUsers } from './users.js';

/**
 * Attaches a volume of another system; the caller holds the machine's lock. The note of what will be done is written
 * first, so that whatever ends this in the middle leaves enough to take it back.
 */
export async function attachRemote(
  session: VmwareSession,
  id: MachineId,
  connection: RemoteConnection | PoolObject,
  spec: RemoteSpec,
  options: CallOptions,
): Promise<Disk> {
  refuseAbsent(spec);
  const way = approach(session, connection);
  return session.locks.run(doorLock(way.door), options, async () => {
    const view = await session.machines.view(id, options);
    const notes = readRemoteNotes(view.settings, id);
    const before = notes.find(({ identity }) => identity === way.identity);
    const there = before && diskThere(view, before, spec);
    if (there) return there;
    refuseRunning(view, spec);
    const reach = await reachOf(session, view, options);
    const others = [...(await otherMachines(session, id, options)), ownOthers(id, notes, way.identity)];
    const visit = { machine: id, reach, others, spec, options };
    refuseByNotes(visit, way);
    const { hosts, made } = await way.plan(visit);
    const note: RemoteNote = {
      machine: id,
      protocol: way.protocol,
      identity: way.identity,
      door: way.door,
      backing: '',
      hosts: [...hosts],
      // What an attempt that was cut short made is there now, and still ours.
      made: [...new Set([...(before?.made ?? []), ...made])],
    };
    return attachNoted(session, view, way, note, visit);
  });
}

/** Errors: `DISK.CONFLICT` when it is attached in another way. */
function diskThere(view: MachineView, note: RemoteNote, spec: RemoteSpec): Disk | undefined {
  const device = deviceOfNote(view.devices, note);
  const disk = device && view.machine.disks.find((one) => one.id === diskIdOf(device));
  if (!disk || isEqual(disk, spec)) return disk;
  throw new DriverError(
    'DISK.CONFLICT',
    `Remote volume ${note.identity} is attached to machine ${view.machine.id} in another way, as disk ${disk.id}. Detach that first.`,
    { subject: disk.id },
  );
}

/** What another machine has is known by its note before anything is opened. */
function refuseByNotes({ others, spec }: Visit, { identity }: Approach): void {
  for (const { notes } of others)
    for (const note of notes)
      if (note.identity === identity && note.backing !== '')
        refuseOtherUsers(others, note.backing, identity, wayOf(spec));
}

const wayOf = ({ device, readOnly, shared }: RemoteSpec) => ({
  readOnly: device === 'media' || (readOnly ?? false),
  shared: shared ?? false,
});

const attachNoted = (
  session: VmwareSession,
  view: MachineView,
  way: Approach,
  note: RemoteNote,
  visit: Visit,
): Promise<Disk> => {
  const { machine: id, options, others, spec } = visit;
  return withUndo(
    (undo) =>
      undo.attempt(
        `remote volume ${way.identity}`,
        (own) => takeBack(session, id, way.identity, own),
        async () => {
          await reconfigure(session, view, { extraConfig: toOptionValues([remoteSetting(note)]) }, options);
          const opened = await way.open(note, visit);
          for (const name of [opened.backing, ...(opened.names ?? [])])
            refuseOtherUsers(others, name, way.identity, wayOf(spec));
          await addDevice(session, { ...note, backing: opened.backing }, opened, visit);
          const now = await afterChange(session.machines.view(id, options));
          const disk = diskThere(now, { ...note, backing: opened.backing }, spec);
          if (disk) return disk;
          throw new DriverError('HOST.FAILED', `Machine ${id} did not get the disk, and the server gave no reason.`, {
            subject: id,
          });
        },
      ),
    { eachWithin: { minutes: 5 } },
  );
};
