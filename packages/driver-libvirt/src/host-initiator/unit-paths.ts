import { isDriverError, type CallOptions } from '@virt-drivers/core';
import { ConnectListAllNodeDeviceFlags, connectListAllNodeDevices, nodeDeviceGetXmlDesc } from '@virt-drivers/libvirt';
import { leadsTo, readUnitPath, type UnitPath } from '../convert/host-unit.js';
import { parseXml } from '../convert/xml.js';
import type { LibvirtSession } from '../session.js';

/** The ways that the host has to units of a target, by whoever's login, or of a fabric's ports. */
export async function pathsTo(
  { daemon }: LibvirtSession,
  target: string,
  options: CallOptions,
): Promise<readonly UnitPath[]> {
  const about = { what: 'Host', reads: true };
  const devices = await daemon.call(about, options, (connection, call) =>
    connectListAllNodeDevices(connection, ConnectListAllNodeDeviceFlags.CapStorage, call),
  );
  const paths = await Promise.all(
    devices.map(async ({ name }) => {
      try {
        const xml = await daemon.call(about, options, (connection, call) =>
          nodeDeviceGetXmlDesc(connection, name, 0, call),
        );
        return readUnitPath(parseXml(xml));
      } catch (error) {
        // Gone since it was listed.
        if (isDriverError(error, 'HOST.FAILED')) return undefined;
        throw error;
      }
    }),
  );
  return paths.filter((path) => path !== undefined).filter((path) => leadsTo(target, path));
}

/** The host's adapters to Fibre Channel, as the kernel names them: `host6`. */
export async function fabricAdapters({ daemon }: LibvirtSession, options: CallOptions): Promise<readonly string[]> {
  const adapters = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
    connectListAllNodeDevices(connection, ConnectListAllNodeDeviceFlags.CapFcHost, call),
  );
  return adapters.map(({ name }) => name.replace(/^scsi_/, ''));
}
