import type { CallOptions, MachineId } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import { loginsAt, readUnits, renameDevice, targetPrefix, type HostUnit } from '../convert/host-unit.js';
import { editStored } from '../domain-editing.js';
import { domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { allLogins, logIn, logOut, rescan } from './logins.js';
import { notedUnits, noteUnit } from './noted-units.js';
import { deviceOf } from './unit-device.js';

/**
 * Has the host bring in a unit for a machine, and tells its device. The machine notes the unit first, so that whoever
 * looks for logins that nobody needs finds it needed. The caller holds the machine's lock, and lets go of what is unused
 * after an error.
 */
export function bringIn(session: LibvirtSession, id: MachineId, unit: HostUnit, options: CallOptions): Promise<string> {
  return session.locks.run(loginsAt(unit.target), options, async () => {
    await noteUnit(session, id, { ...unit, device: '' }, options);
    await logIn(session, unit, options);
    const device = await deviceOf(session, unit, options);
    await noteUnit(session, id, { ...unit, device }, options);
    return device;
  });
}

/** Logs out where no machine notes a unit any more; also where an earlier attempt was cut short. */
export async function logOutUnneeded(session: LibvirtSession, options: CallOptions): Promise<void> {
  const prefixes = new Set((await allLogins(session, options)).map(({ name }) => targetPrefix(name)));
  for (const prefix of prefixes)
    await session.locks.run(prefix, options, async () => {
      if (!(await isNeeded(session, prefix, options))) await logOut(session, prefix, options);
    });
}

/**
 * Whether any machine of the host notes a unit of the target. One that is gone needs nothing. The notes are read after the
 * logins, and written before them: so that a login of somebody else that is just being made is not taken for unneeded.
 */
async function isNeeded({ domains }: LibvirtSession, prefix: string, options: CallOptions): Promise<boolean> {
  const documents = await Promise.all(
    (await domains.all(options)).map((domain) =>
      domains.document(domain, options).catch(undefinedOn('MACHINE.NOT_FOUND')),
    ),
  );
  return documents.some(
    (document) => document && readUnits(document).some(({ target }) => loginsAt(target) === prefix),
  );
}

/** Has the host look at the sizes of a target's units. */
export const lookAgain = (session: LibvirtSession, { target }: HostUnit, options: CallOptions): Promise<void> =>
  session.locks.run(loginsAt(target), options, () => rescan(session, target, options));

/** Before a machine starts: logs in again where the host has restarted, and gives its disks the devices of now. */
export async function readyUnits(session: LibvirtSession, id: MachineId, options: CallOptions): Promise<void> {
  const known = (await notedUnits(session, id, options)).filter(({ device }) => device !== '');
  const moved = new Map<string, string>();
  for (const unit of known) {
    const device = await session.locks.run(loginsAt(unit.target), options, async () => {
      await logIn(session, unit, options);
      return deviceOf(session, unit, options);
    });
    if (device !== unit.device) moved.set(unit.device, device);
  }
  if (moved.size > 0)
    await editStored(session, domainOf(id), options, (document) => {
      for (const [before, now] of moved) renameDevice(document, before, now);
    });
}
