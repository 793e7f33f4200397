import { DriverError, type CallOptions, type HostId, type HostInitiator } from '@virt-drivers/core';
import { ConnectListAllNodeDeviceFlags, connectListAllNodeDevices, nodeDeviceGetXmlDesc } from '@virt-drivers/libvirt';
import { isIP } from 'node:net';
import { children, parseXml, textAt } from '../convert/xml.js';
import type { LibvirtSession } from '../session.js';
import { initiatorName } from './connection-source.js';

/** What another system must know of the host. Errors: `HOST.NOT_FOUND`. */
export async function readInitiator(
  session: LibvirtSession,
  host: HostId,
  options: CallOptions,
): Promise<HostInitiator> {
  const { endpoint } = session;
  if (host !== endpoint.hostId) {
    const message = `Host ${host} is not there; this endpoint is host ${endpoint.hostId}.`;
    throw new DriverError('HOST.NOT_FOUND', message, { subject: host });
  }
  return {
    iscsiName: session.options.hostInitiator ?? initiatorName(endpoint.hostId),
    wwpns: await readWwpns(session, options),
    // libvirt has no call for the host's addresses; the one that migration uses is configured.
    addresses: [session.options.migrationAddress ?? ''].filter((address) => isIP(address) > 0),
  };
}

/** Ports of the host's Fibre Channel adapters. */
async function readWwpns({ daemon }: LibvirtSession, options: CallOptions): Promise<readonly string[]> {
  const about = { what: 'Host', reads: true };
  const adapters = await daemon.call(about, options, (connection, call) =>
    connectListAllNodeDevices(connection, ConnectListAllNodeDeviceFlags.CapFcHost, call),
  );
  const documents = await Promise.all(
    adapters.map(({ name }) =>
      daemon.call(about, options, (connection, call) => nodeDeviceGetXmlDesc(connection, name, 0, call)),
    ),
  );
  return documents
    .map(parseXml)
    .flatMap((device) => children(device, 'capability').flatMap((scsi) => children(scsi, 'capability')))
    .flatMap((capability) => textAt(capability, 'wwpn') ?? []);
}
