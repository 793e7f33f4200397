import { isDriverError, machineId, type CallOptions, type MachineId } from '@virt-drivers/core';
import { refuseForeignUse, type VolumeUse } from '@virt-drivers/core/kit';
import { domainGetXmlDesc, type Domain } from '@virt-drivers/libvirt';
import { diskElementsIn } from '../convert/disk-elements.js';
import { readDisk } from '../convert/disk-xml.js';
import { identityOf, readUnits, UNITS_NAMESPACE } from '../convert/host-unit.js';
import { parseXml } from '../convert/xml.js';
import { aboutMachine } from '../domains.js';
import type { LibvirtSession } from '../session.js';

/**
 * Refuses a volume that another machine of this host has, unless all only read or all say that they share. Other hosts
 * are the other system's to ask. Errors: `VOLUME.IN_USE`.
 */
export async function refuseOtherUsers(
  session: LibvirtSession,
  machine: MachineId,
  identity: string,
  wanted: Omit<VolumeUse, 'machine'>,
  options: CallOptions,
): Promise<void> {
  const others = (await session.domains.all(options)).filter(({ uuid }) => uuid !== machine);
  const uses = await Promise.all(others.map((other) => useOf(session, other, identity, options)));
  refuseForeignUse({ what: `Remote volume ${identity}`, subject: identity }, uses.flat(), wanted);
}

async function useOf(
  { daemon }: LibvirtSession,
  domain: Domain,
  identity: string,
  options: CallOptions,
): Promise<readonly VolumeUse[]> {
  try {
    const about = { ...aboutMachine(domain.uuid), reads: true };
    const text = await daemon.call(about, options, (connection, call) => domainGetXmlDesc(connection, domain, 0, call));
    // Only machines with such notes are read whole.
    const units = text.includes(UNITS_NAMESPACE) ? readUnits(parseXml(text)) : [];
    const disk = diskElementsIn(text).find((element) => identityOf(units, element) === identity);
    if (!disk) return [];
    const { readOnly, shared } = readDisk(disk);
    return [{ machine: machineId(domain.uuid), readOnly, shared }];
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return [];
    throw error;
  }
}
