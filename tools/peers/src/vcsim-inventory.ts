/**
 * What a simulator starts with. Left out, it is one datacenter with a cluster of three hosts, one host beside it, and
 * two running machines on each of both.
 */
export interface VcsimInventory {
  /** One ESXi host, without a vCenter and what only a vCenter has. */
  readonly esx?: boolean;
  readonly datacenters?: number;
  /** Per datacenter. */
  readonly clusters?: number;
  readonly hostsPerCluster?: number;
  /** Hosts outside of clusters, per datacenter. */
  readonly standaloneHosts?: number;
  /** Machines per resource pool: with the usual hosts there are twice as many. */
  readonly machines?: number;
  readonly datastores?: number;
  /** Distributed port groups per datacenter. */
  readonly portgroups?: number;
  /** Whether the machines run; true when left out. */
  readonly poweredOn?: boolean;
}

type Count = Exclude<keyof VcsimInventory, 'esx' | 'poweredOn'>;

const flags: readonly (readonly [key: Count, flag: string])[] = [
  ['datacenters', 'dc'],
  ['clusters', 'cluster'],
  ['hostsPerCluster', 'host'],
  ['standaloneHosts', 'standalone-host'],
  ['machines', 'vm'],
  ['datastores', 'ds'],
  ['portgroups', 'pg'],
];

/** The arguments of vcsim/main.go for an inventory. */
export function inventoryFlags(inventory: VcsimInventory): string[] {
  const counts = flags.flatMap(([key, flag]) => {
    const count = inventory[key];
    return count === undefined ? [] : [`-${flag}`, String(count)];
  });
  return [
    ...(inventory.esx ? ['-esx'] : []),
    ...counts,
    ...(inventory.poweredOn === false ? ['-autostart=false'] : []),
  ];
}
