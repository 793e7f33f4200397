import { DriverError, machineId, type CallOptions, type MachineId } from '@virt-drivers/core';
import { diskElementsIn } from '../convert/disk-elements.js';
import { readDisk } from '../convert/disk-xml.js';
import { remoteIdentity, remoteSourceOf } from '../convert/remote-source.js';
import { isDriverError } from '@virt-drivers/core';
import { domainGetXmlDesc, type Domain } from '@virt-drivers/libvirt';
import { aboutMachine } from '../domains.js';
import type { LibvirtSession } from '../session.js';

interface Way {
  readonly readOnly: boolean;
  readonly shared: boolean;
}

/**
 * Refuses a volume that another machine of this host has, unless all only read or all say that they share. Other hosts
 * are the other system's to ask. Errors: `VOLUME.IN_USE`.
 */
export async function refuseOtherUsers(
  session: LibvirtSession,
  machine: MachineId,
  identity: string,
  wanted: Way,
  options: CallOptions,
): Promise<void> {
  const others = (await session.domains.all(options)).filter(({ uuid }) => uuid !== machine);
  const ways = await Promise.all(others.map((other) => wayOf(session, other, identity, options)));
  const clash = others.find((_, index) => {
    const way = ways[index];
    return way && !(way.readOnly && wanted.readOnly) && !(way.shared && wanted.shared);
  });
  if (!clash) return;
  const heldBy = machineId(clash.uuid);
  const message = `Remote volume ${identity} is attached to machine ${heldBy}. Detach it there, or attach it shared on both.`;
  throw new DriverError('VOLUME.IN_USE', message, { subject: identity, heldBy });
}

async function wayOf(
  { daemon }: LibvirtSession,
  domain: Domain,
  identity: string,
  options: CallOptions,
): Promise<Way | undefined> {
  try {
    const about = { ...aboutMachine(domain.uuid), reads: true };
    const text = await daemon.call(about, options, (connection, call) => domainGetXmlDesc(connection, domain, 0, call));
    const disk = diskElementsIn(text).find((element) => {
      const source = remoteSourceOf(element);
      return source && remoteIdentity(source) === identity;
    });
    return disk && readDisk(disk);
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}
