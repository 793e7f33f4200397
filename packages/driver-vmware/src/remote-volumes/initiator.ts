import { DriverError, type CallOptions, type HostId, type HostInitiator } from '@virt-drivers/core';
import { toWwpn } from '../convert/storage-topology.js';
import { readPlaces } from '../places.js';
import type { VmwareSession } from '../session.js';
import { allOrFirstError } from './all-or-first-error.js';
import { reached, type ReachedHost } from './reach.js';
import { storageOf } from './units.js';

/**
 * What another system must know of a host. A cluster is the sum of its hosts, each of which has an iSCSI name of its own:
 * those are told host by host. Errors: `HOST.NOT_FOUND`.
 */
export async function readInitiator(session: VmwareSession, id: HostId, options: CallOptions): Promise<HostInitiator> {
  const places = await readPlaces(session, options);
  const place = places.find((one) => one.id === id);
  if (!place) throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there.`, { subject: id });
  const hosts = place.host
    ? [place.host]
    : places.flatMap((one) => (one.host && one.clusterName === place.name ? [one.host] : []));
  const found = await allOrFirstError(
    (await reached(session, hosts, options)).map((host) => initiatorOf(session, host, options)),
  );
  const [iscsiName] = found.flatMap((one) => one.iscsiName ?? []);
  return {
    ...(place.host && iscsiName !== undefined && { iscsiName }),
    wwpns: found.flatMap(({ wwpns }) => wwpns),
    addresses: found.flatMap(({ addresses }) => addresses),
  };
}

async function initiatorOf(session: VmwareSession, host: ReachedHost, options: CallOptions): Promise<HostInitiator> {
  const { hostBusAdapter: adapters = [] } = await storageOf(session, host, options);
  const about = { what: `Host ${host.name}`, subject: host.id, reads: true } as const;
  const { 'config.network.vnic': vnics = [] } = await session.center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(host.ref, ['config.network.vnic'], call),
  );
  const iscsi = adapters.flatMap((one) => (one.$type === 'HostInternetScsiHba' ? [one] : []));
  const named = iscsi.find((one) => one.isSoftwareBased) ?? iscsi[0];
  return {
    ...(named && { iscsiName: named.iScsiName }),
    wwpns: adapters.flatMap((one) =>
      one.$type === 'HostFibreChannelHba' || one.$type === 'HostFibreChannelOverEthernetHba'
        ? [toWwpn(one.portWorldWideName)]
        : [],
    ),
    addresses: vnics.flatMap(({ spec }) => spec.ip?.ipAddress ?? []),
  };
}
