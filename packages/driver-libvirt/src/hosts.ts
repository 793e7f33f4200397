import {
  bytes,
  DriverError,
  hertz,
  networkId,
  type CallOptions,
  type FacetAs,
  type Host,
  type HostId,
  type HostInventory,
} from '@virt-drivers/core';
import {
  ConnectListAllDomainsFlags,
  connectListAllDomains,
  connectListAllNetworks,
  nodeGetCpuStats,
  nodeGetFreeMemory,
  nodeGetInfo,
} from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import type { Daemon, NativeCall } from './connection.js';
import { USER_NETWORK } from './convert/nic-xml.js';
import { listingOf } from './listing.js';
import type { LibvirtSession } from './session.js';

/** The one node behind a libvirt daemon. */
export function createHosts({
  daemon,
  endpoint,
  virtType,
}: LibvirtSession): FacetAs<'hosts', typeof capabilities.hosts> {
  const read = <T>(options: CallOptions, run: NativeCall<T>): Promise<T> =>
    daemon.call({ what: `Host ${endpoint.hostName}`, subject: endpoint.hostId, reads: true }, options, run);

  const check = (id: HostId): void => {
    if (id === endpoint.hostId) return;
    throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there; this endpoint is host ${endpoint.hostId}.`, {
      subject: id,
    });
  };

  const describe = async (options: CallOptions): Promise<Host> => {
    const { host } = endpoint;
    const others = host.guests.map(({ architecture }) => architecture).filter((name) => name !== host.architecture);
    return {
      id: endpoint.hostId,
      name: endpoint.hostName,
      hypervisor: { product: endpoint.product, version: endpoint.version },
      managementVersion: endpoint.managementVersion,
      state: 'ready',
      architectures: [host.architecture, ...new Set(others)],
      hardwareAcceleration: (await virtType(host.architecture, options)) === 'kvm',
      groups: [],
    };
  };

  return {
    list: (options = {}) =>
      listingOf(async function* () {
        yield await describe(options);
      }),
    async get(id, options = {}) {
      check(id);
      return describe(options);
    },
    async inventory(id, options = {}): Promise<HostInventory> {
      check(id);
      const [info, networks] = await Promise.all([
        read(options, nodeGetInfo),
        read(options, (connection, call) => connectListAllNetworks(connection, 0, call)),
      ]);
      const named = networks.map(({ name }) => ({ id: networkId(`network:${name}`), name }));
      return {
        cpuCount: info.cpus,
        cpuModel: endpoint.host.cpuModel ?? info.model,
        ...(info.mhz > 0 ? { cpuRate: hertz(BigInt(info.mhz) * 1_000_000n) } : {}),
        memoryBytes: bytes(info.memory * 1024n),
        networks: [...named, { id: USER_NETWORK, name: 'QEMU user network (outbound only)' }],
      };
    },
    async usage(id, options = {}) {
      check(id);
      const [info, free, running, cpuFraction] = await Promise.all([
        read(options, nodeGetInfo),
        read(options, nodeGetFreeMemory),
        read(options, (connection, call) => connectListAllDomains(connection, ConnectListAllDomainsFlags.Active, call)),
        readCpuFraction(daemon, options),
      ]);
      const total = info.memory * 1024n;
      return {
        at: new Date(),
        memoryUsedBytes: bytes(free > total ? 0n : total - free),
        ...(cpuFraction === undefined ? {} : { cpuFraction }),
        machinesRunning: running.length,
      };
    },
  };
}

const ALL_CPUS = -1;

/** Since the host's start, which is the only interval that libvirt knows without waiting. */
async function readCpuFraction(daemon: Daemon, options: CallOptions): Promise<number | undefined> {
  const about = { what: 'Host', reads: true };
  const stats = await daemon.call(about, options, async (connection, call) => {
    const { nparams } = await nodeGetCpuStats(connection, ALL_CPUS, 0, 0, call);
    return (await nodeGetCpuStats(connection, ALL_CPUS, nparams, 0, call)).params;
  });
  const sum = (...names: readonly string[]): bigint =>
    stats.filter(({ field }) => names.includes(field)).reduce((all, { value }) => all + value, 0n);
  const busy = sum('kernel', 'user');
  const all = busy + sum('idle', 'iowait');
  return all === 0n ? undefined : Number((busy * 10_000n) / all) / 10_000;
}
