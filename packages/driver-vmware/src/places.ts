import { hostId, type CallOptions, type HostId } from '@virt-drivers/core';
import type { PropertyValues, Reference } from '@virt-drivers/vsphere';
import { unescapeName } from './convert/native-name.js';
import type { Datacenter } from './inventory.js';
import type { VmwareSession } from './session.js';

/** What machines can be placed on: a host, or a cluster whose scheduler chooses one. */
export interface Place {
  readonly id: HostId;
  readonly name: string;
  readonly datacenter: Datacenter;
  readonly state: 'ready' | 'maintenance' | 'unreachable';
  readonly host?: Reference<'HostSystem'>;
  readonly cluster?: Reference<'ClusterComputeResource'>;
  /** The cluster whose scheduler decides about it: itself, for a cluster. */
  readonly scheduler?: Reference<'ClusterComputeResource'>;
  /** True for a host that a cluster's scheduler uses too. */
  readonly inCluster: boolean;
  /** The cluster's name. */
  readonly clusterName?: string;
  readonly pool: Reference<'ResourcePool'>;
  readonly product: { readonly product: string; readonly version: string };
  readonly architecture: string;
  readonly cpuModel?: string;
  readonly cpuMegahertz?: number;
  readonly cpuCount: number;
  readonly memoryBytes: bigint;
  readonly memoryUsedBytes: bigint;
  readonly cpuUsedMegahertz: number;
  readonly cpuTotalMegahertz: number;
  readonly networks: readonly Reference[];
  readonly datastores: readonly Reference[];
  readonly machines: readonly Reference[];
}

const HOST_PATHS = [
  'name',
  'summary.hardware',
  'summary.config.product',
  'summary.quickStats',
  'runtime.connectionState',
  'runtime.inMaintenanceMode',
  'network',
  'datastore',
  'vm',
] as const;
type HostValues = PropertyValues<'HostSystem', (typeof HOST_PATHS)[number]>;

const MEBIBYTE = 1_048_576n;

/** All hosts, then all clusters. */
export async function readPlaces(session: VmwareSession, options: CallOptions): Promise<readonly Place[]> {
  const hosts: Place[] = [];
  const clusters: Place[] = [];
  for (const datacenter of await session.inventory.datacenters(options)) {
    for await (const owner of owners(session, datacenter, options)) {
      const members: Place[] = [];
      for await (const member of membersOf(session, owner, options)) members.push(member);
      hosts.push(...members);
      if (owner.ref.type === 'ClusterComputeResource') clusters.push(toCluster(owner, members));
    }
  }
  return [...hosts, ...clusters];
}

/** A compute resource: a cluster, or what vCenter puts around a single host. */
interface Owner {
  readonly ref: Reference;
  readonly name: string;
  readonly datacenter: Datacenter;
  readonly hosts: readonly Reference[];
  readonly pool: Reference<'ResourcePool'>;
  readonly networks: readonly Reference[];
  readonly datastores: readonly Reference[];
}

async function* owners({ center }: VmwareSession, datacenter: Datacenter, options: CallOptions): AsyncGenerator<Owner> {
  const from = datacenter.hostFolder;
  const paths = ['name', 'host', 'resourcePool', 'network', 'datastore'] as const;
  const reading = center.stream({ what: 'Hosts', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from, type: 'ComputeResource', paths }, call),
  );
  for await (const { ref, properties } of reading) {
    const { name, host, resourcePool, network, datastore } = properties;
    if (name === undefined || !resourcePool) continue;
    yield {
      ref,
      name: unescapeName(name),
      datacenter,
      hosts: host ?? [],
      pool: { type: 'ResourcePool', value: resourcePool.value },
      networks: network ?? [],
      datastores: datastore ?? [],
    };
  }
}

async function* membersOf({ center }: VmwareSession, owner: Owner, options: CallOptions): AsyncGenerator<Place> {
  const reading = center.stream({ what: 'Hosts', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: owner.hosts, type: 'HostSystem', paths: HOST_PATHS }, call),
  );
  for await (const { ref, properties } of reading) {
    if (properties.name !== undefined) yield toHost(owner, ref.value, properties);
  }
}

function toHost(owner: Owner, id: string, values: HostValues): Place {
  const hardware = values['summary.hardware'];
  const stats = values['summary.quickStats'];
  const product = values['summary.config.product'];
  const inCluster = owner.ref.type === 'ClusterComputeResource';
  const megahertz = hardware?.cpuMhz;
  return {
    id: hostId(id),
    name: unescapeName(values.name ?? id),
    datacenter: owner.datacenter,
    state: stateOf(values),
    host: { type: 'HostSystem', value: id },
    inCluster,
    ...(inCluster && {
      clusterName: owner.name,
      scheduler: { type: 'ClusterComputeResource', value: owner.ref.value },
    }),
    pool: owner.pool,
    product: {
      product: product?.name ?? 'VMware ESXi',
      version: product ? `${product.version} build ${product.build}` : 'unknown',
    },
    // `vmnix-x86`, `vmnix-arm64`: what the host itself was built for.
    architecture: /arm64/.test(product?.osType ?? '') ? 'aarch64' : 'x86_64',
    ...(hardware && { cpuModel: hardware.cpuModel }),
    ...(megahertz !== undefined && { cpuMegahertz: megahertz }),
    cpuCount: hardware?.numCpuThreads ?? 0,
    memoryBytes: hardware?.memorySize ?? 0n,
    memoryUsedBytes: BigInt(stats?.overallMemoryUsage ?? 0) * MEBIBYTE,
    cpuUsedMegahertz: stats?.overallCpuUsage ?? 0,
    cpuTotalMegahertz: (megahertz ?? 0) * (hardware?.numCpuCores ?? 0),
    networks: values.network ?? [],
    datastores: values.datastore ?? [],
    machines: values.vm ?? [],
  };
}

function stateOf(values: HostValues): Place['state'] {
  if (values['runtime.connectionState'] !== 'connected') return 'unreachable';
  return values['runtime.inMaintenanceMode'] ? 'maintenance' : 'ready';
}

/** A cluster is the sum of its hosts that can be used. */
function toCluster(owner: Owner, members: readonly Place[]): Place {
  const ready = members.filter(({ state }) => state === 'ready');
  const [first] = ready.length > 0 ? ready : members;
  const cluster = { type: 'ClusterComputeResource', value: owner.ref.value } as const;
  const sum = (read: (place: Place) => number): number => ready.reduce((all, place) => all + read(place), 0);
  const total = (read: (place: Place) => bigint): bigint => ready.reduce((all, place) => all + read(place), 0n);
  return {
    id: hostId(owner.ref.value),
    name: owner.name,
    datacenter: owner.datacenter,
    state: ready.length > 0 ? 'ready' : (first?.state ?? 'unreachable'),
    cluster,
    scheduler: cluster,
    inCluster: false,
    pool: owner.pool,
    product: first?.product ?? { product: 'VMware ESXi', version: 'unknown' },
    architecture: first?.architecture ?? 'x86_64',
    ...(first?.cpuModel !== undefined && { cpuModel: first.cpuModel }),
    ...(first?.cpuMegahertz !== undefined && { cpuMegahertz: first.cpuMegahertz }),
    cpuCount: sum(({ cpuCount }) => cpuCount),
    memoryBytes: total(({ memoryBytes }) => memoryBytes),
    memoryUsedBytes: total(({ memoryUsedBytes }) => memoryUsedBytes),
    cpuUsedMegahertz: sum(({ cpuUsedMegahertz }) => cpuUsedMegahertz),
    cpuTotalMegahertz: sum(({ cpuTotalMegahertz }) => cpuTotalMegahertz),
    networks: owner.networks,
    datastores: owner.datastores,
    machines: members.flatMap(({ machines }) => machines),
  };
}
