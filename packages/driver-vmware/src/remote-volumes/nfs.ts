import { DriverError, isDriverError, poolId, type CallOptions } from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import type { About } from '../errors.js';
import { fileName, REMOTE_STORE, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { formatOf, readFileOn } from '../storage/volume-file.js';
import { allOrFirstError } from './all-or-first-error.js';
import type { ConnectionOf, Door } from './door.js';
import { reached, type Reach, type ReachedHost } from './reach.js';

type Nfs = ConnectionOf<'nfs'>;

/** The name of our datastore for an export; those that an administrator mounted have names of their own. */
const storeName = (door: string): string =>
  `${REMOTE_STORE}${createHash('sha256').update(door).digest('hex').slice(0, 16)}`;

const plainPath = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
const doorOf = ({ server, exportPath }: Nfs): string => `nfs ${server}:${plainPath(exportPath)}`;
const fileOf = ({ file }: Nfs): string => plainPath(file).replace(/^\//, '');

/** Files on NFS: the export is a datastore of every host while a machine needs it. */
export function nfsDoor(session: VmwareSession): Door<Nfs> {
  return {
    name: doorOf,
    identity: (connection) => `${doorOf(connection)} ${fileOf(connection)}`,
    plan: async (connection, { reach, spec }) => {
      refuseFormat(connection, spec.device ?? 'disk');
      return { hosts: reach.hosts.map(({ id }) => id), made: [] };
    },
    async open(connection, note, { reach, options }) {
      const store = await mountedStore(session, connection, note.door, reach, options);
      const key = fileOf(connection);
      const file = await readFileOn(session, store, { pool: store.id, key }, options);
      const name = fileName(store, key);
      return { backing: name, sizeBytes: file.sizeBytes, file: { fileName: name, datastore: store.ref } };
    },
    async close({ door }, others, options) {
      // Hosts of several clusters share one datastore: it is everybody's until nobody has it.
      if (others.some(({ notes }) => notes.some((note) => note.door === door))) return;
      for (const store of await exportsNamed(session, storeName(door), options)) await unmount(session, store, options);
    },
  };
}

function refuseFormat({ file, format }: Nfs, device: 'disk' | 'media'): void {
  const key = plainPath(file).replace(/^\//, '');
  const known = formatOf(key);
  const wanted = device === 'media' ? 'iso' : 'vmdk';
  const named = format === 'raw' && device === 'media' ? 'iso' : format;
  if (known === wanted && named === wanted) return;
  const reason = `A ${device} of a machine is a file NAME.${wanted} on a datastore; convert other formats before.`;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `File ${file} (${format}) cannot be attached. ${reason}`, {
    subject: file,
    condition: { needs: 'volume-format', value: wanted, reason },
  });
}

/** A datastore that is an export. */
interface ExportStore extends Datastore {
  readonly door: string;
  readonly mountedOn: readonly string[];
}

/** All exports among the datastores, whoever mounted them. */
async function exportStores(
  { center, inventory }: VmwareSession,
  options: CallOptions,
): Promise<readonly ExportStore[]> {
  const found: ExportStore[] = [];
  for (const datacenter of await inventory.datacenters(options)) {
    const from = datacenter.datastoreFolder;
    const paths = ['name', 'summary.type', 'summary.url', 'info', 'host'] as const;
    const reading = center.stream({ what: 'Datastores', reads: true }, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'Datastore', paths }, call),
    );
    for await (const { ref, properties } of reading) {
      const { name, info, host, 'summary.type': type = '', 'summary.url': url = '' } = properties;
      if (name === undefined || info?.$type !== 'NasDatastoreInfo' || !info.nas) continue;
      const { remoteHost, remotePath } = info.nas;
      found.push({
        ...{ id: poolId(ref.value), ref, name, type, url, datacenter },
        door: `nfs ${remoteHost}:${plainPath(remotePath)}`,
        mountedOn: (host ?? []).map(({ key }) => key.value),
      });
    }
  }
  return found;
}

/** The export as a datastore of all hosts: one that is there already, or ours. */
async function mountedStore(
  session: VmwareSession,
  { server, exportPath }: Nfs,
  door: string,
  { hosts, datacenter }: Reach,
  options: CallOptions,
): Promise<Datastore> {
  const known = (await exportStores(session, options)).filter(
    (store) => store.door === door && store.datacenter.ref.value === datacenter.ref.value,
  );
  const missing = (store: ExportStore) => hosts.filter(({ id }) => !store.mountedOn.includes(id));
  // What an administrator mounted on some hosts only is left as it is.
  const whole = known.find((store) => missing(store).length === 0);
  if (whole) return whole;
  const name = storeName(door);
  const ours = known.find((store) => store.name === name);
  const spec = {
    remoteHost: server,
    remotePath: plainPath(exportPath),
    localPath: name,
    accessMode: 'readWrite',
    type: 'NFS',
  };
  // One host after the other: vCenter gives the export of the second the object that the first made.
  for (const { name: host, datastoreSystem } of ours ? missing(ours) : hosts)
    await session.center.call(aboutExport(door, host), options, (vsphere, call) =>
      vsphere.invoke(datastoreSystem, 'CreateNasDatastore', { spec }, call),
    );
  const mounted = (await exportsNamed(session, name, options)).find(
    (store) => store.datacenter.ref.value === datacenter.ref.value,
  );
  if (mounted) return mounted;
  throw new DriverError('HOST.FAILED', `Export ${door} was mounted, and there is no datastore ${name}.`, {
    subject: door,
  });
}

const aboutExport = (door: string, host: string): About => {
  const unavailable = {
    code: 'POOL.UNAVAILABLE',
    says: 'cannot be mounted; check the server, the path and who may have it',
  } as const;
  return {
    what: `Export ${door} on host ${host}`,
    subject: door,
    notFound: 'POOL.UNAVAILABLE',
    exists: 'POOL.UNAVAILABLE',
    means: { HostConfigFault: unavailable, NotFound: unavailable },
  };
};

const exportsNamed = async (
  session: VmwareSession,
  name: string,
  options: CallOptions,
): Promise<readonly ExportStore[]> => (await exportStores(session, options)).filter((store) => store.name === name);

/** From all hosts that have it. Disks of machines that are none of ours keep it where it is. */
async function unmount(session: VmwareSession, store: ExportStore, options: CallOptions): Promise<void> {
  const from = store.mountedOn.map((value) => ({ type: 'HostSystem', value }));
  const hosts = await reached(session, from, options);
  await allOrFirstError(hosts.map((host) => unmountFrom(session, store, host, options)));
}

async function unmountFrom(
  { center }: VmwareSession,
  { ref, door }: ExportStore,
  { name, datastoreSystem }: ReachedHost,
  options: CallOptions,
): Promise<void> {
  const about = {
    what: `Export ${door} on host ${name}`,
    subject: door,
    notFound: 'POOL.NOT_FOUND',
    busy: 'VOLUME.IN_USE',
  } as const;
  try {
    await center.call(about, options, (vsphere, call) =>
      vsphere.invoke(datastoreSystem, 'RemoveDatastore', { datastore: ref }, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'POOL.NOT_FOUND', 'VOLUME.IN_USE')) throw error;
  }
}
