import {
  bytes,
  DriverError,
  hostId,
  isDriverError,
  type CallOptions,
  type Pool,
  type PoolId,
} from '@virt-drivers/core';
import type { DatastoreHostMount, DatastoreSummary } from '@virt-drivers/vsphere';
import { keepsObjects, type Datastore } from './inventory.js';
import { readPlaces } from './places.js';
import type { VmwareSession } from './session.js';
import { FORMATS } from './storage/making.js';

/** All datastores that count as pools, with their figures of now. */
export async function* readPools(session: VmwareSession, options: CallOptions): AsyncGenerator<Pool> {
  const stores = await session.inventory.datastores(options);
  const clusters = await clustersByHost(session, options);
  const reading = session.center.stream({ what: 'Pools', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve(
      { from: stores.map(({ ref }) => ref), type: 'Datastore', paths: ['summary', 'host'] },
      call,
    ),
  );
  for await (const { ref, properties } of reading) {
    const store = stores.find(({ id }) => id === ref.value);
    if (store && properties.summary) yield toPool(store, properties.summary, properties.host ?? [], clusters);
  }
}

/** One pool. Errors: `POOL.NOT_FOUND`. */
export async function readPool(session: VmwareSession, id: PoolId, options: CallOptions): Promise<Pool> {
  const store = await session.inventory.datastore(id, options);
  const about = { what: `Pool ${id}`, subject: id, reads: true, notFound: 'POOL.NOT_FOUND' } as const;
  const { summary, host } = await session.center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(store.ref, ['summary', 'host'], call),
  );
  if (summary) return toPool(store, summary, host ?? [], await clustersByHost(session, options));
  throw new DriverError('ACCESS.DENIED', `Pool ${id} cannot be read by this account.`, {
    subject: id,
    missingPrivilege: 'System.Read',
  });
}

/** The cluster of each host that is in one. */
async function clustersByHost(session: VmwareSession, options: CallOptions): Promise<ReadonlyMap<string, string>> {
  const places = await readPlaces(session, options).catch((error: unknown) => {
    if (isDriverError(error, 'ACCESS.DENIED')) return [];
    throw error;
  });
  const byName = new Map(places.flatMap(({ cluster, name, id }) => (cluster ? [[name, id] as const] : [])));
  return new Map(
    places.flatMap(({ id, clusterName = '' }) => {
      const cluster = byName.get(clusterName);
      return cluster === undefined ? [] : [[id, cluster] as const];
    }),
  );
}

function toPool(
  { id, name }: Datastore,
  summary: DatastoreSummary,
  mounts: readonly DatastoreHostMount[],
  clusters: ReadonlyMap<string, string>,
): Pool {
  const hosts = mounts
    .filter(({ mountInfo }) => mountInfo.accessible !== false && mountInfo.mounted !== false)
    .map(({ key }) => key.value);
  const above = hosts.flatMap((host) => clusters.get(host) ?? []);
  return {
    id,
    name,
    kind: keepsObjects(summary) ? 'object' : 'directory',
    state: stateOf(summary),
    capacityBytes: bytes(summary.capacity),
    freeBytes: bytes(summary.freeSpace < 0n ? 0n : summary.freeSpace),
    formats: FORMATS,
    hosts: [...new Set([...hosts, ...above])].map(hostId),
    shared: summary.multipleHostAccess ?? hosts.length > 1,
  };
}

function stateOf({ accessible, maintenanceMode = 'normal' }: DatastoreSummary): Pool['state'] {
  if (!accessible) return 'unavailable';
  return maintenanceMode === 'normal' ? 'ready' : 'maintenance';
}
