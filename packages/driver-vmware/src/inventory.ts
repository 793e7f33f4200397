import { DriverError, isDriverError, poolId, type CallOptions, type PoolId, type VolumeId } from '@virt-drivers/core';
import type { Reference } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';
import type { BackingFile, Locate } from './convert/backing-chain.js';
import { formatPath, parsePath } from './convert/datastore-path.js';
import type { StoragePolicy } from './storage-policy.js';

/** A datacenter with the folders that everything of it is in. */
export interface Datacenter {
  readonly ref: Reference<'Datacenter'>;
  readonly name: string;
  /** The names of the folders that it is in, and its own, joined by `/`: the file service asks for it. */
  readonly path: string;
  readonly vmFolder: Reference<'Folder'>;
  readonly hostFolder: Reference<'Folder'>;
  readonly datastoreFolder: Reference<'Folder'>;
  /** All of its datastores, in whatever folder below `datastoreFolder`. */
  readonly datastores: readonly Reference<'Datastore'>[];
}

/** A datastore, and where its files are named. */
export interface Datastore {
  readonly id: PoolId;
  readonly ref: Reference<'Datastore'>;
  readonly name: string;
  /** `VMFS`, `NFS`, `NFS41`, `vsan`, `VVOL` … as vSphere writes it. */
  readonly type: string;
  /** `ds:///vmfs/volumes/UUID/`: where hosts have it. */
  readonly url: string;
  readonly datacenter: Datacenter;
}

/** What there is, as far as it rarely changes: kept for a while, and read again for what is not known. */
export interface Inventory {
  /** Name of the only datacenter that counts, where one was asked for. */
  readonly only: string | undefined;
  datacenters(options: CallOptions): Promise<readonly Datacenter[]>;
  datastores(options: CallOptions): Promise<readonly Datastore[]>;
  /** Errors: `POOL.NOT_FOUND`. */
  datastore(id: PoolId, options: CallOptions): Promise<Datastore>;
  /** The volume behind a file of a machine; datastores that are no pools have none. */
  locator(options: CallOptions): Promise<Locate>;
}

/** Datastores that are there for remote volumes only have such names: they are no pools. */
export const REMOTE_STORE = 'vd-remote-';

/** How long a listing serves look-ups; a miss reads at once. */
const FRESH_MILLISECONDS = 30_000;

const DATACENTER_PATHS = ['name', 'parent', 'vmFolder', 'hostFolder', 'datastoreFolder', 'datastore'] as const;

/** True for datastores whose disks are objects instead of files. */
export const keepsObjects = ({ type }: Pick<Datastore, 'type'>): boolean => type === 'vsan' || type === 'VVOL';

/** Names a file of a datastore as vSphere does. */
export const fileName = ({ name }: Datastore, path: string): string => formatPath({ datastore: name, path });

/** The inventory below a datacenter, or all of it; `pools` and the policy say which datastores count. */
export function createInventory(
  center: Center,
  only: string | undefined,
  pools: RegExp | undefined,
  policy: StoragePolicy,
): Inventory {
  const about = { what: 'Inventory', reads: true } as const;
  let known: Promise<readonly Datastore[]> | undefined;
  let readAt = 0;

  const datacenters = async (options: CallOptions): Promise<readonly Datacenter[]> => {
    const from = center.content.rootFolder;
    const found: Datacenter[] = [];
    const reading = center.stream(about, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'Datacenter', paths: DATACENTER_PATHS }, call),
    );
    for await (const { ref, properties } of reading) {
      const { name, vmFolder, hostFolder, datastoreFolder, datastore = [] } = properties;
      // What this account may not read is not there for it.
      if (name === undefined || !vmFolder || !hostFolder || !datastoreFolder) continue;
      if (only !== undefined && name !== only) continue;
      found.push({
        ref,
        name,
        path: [...(await foldersAbove(properties.parent, options)), name].join('/'),
        vmFolder: folder(vmFolder),
        hostFolder: folder(hostFolder),
        datastoreFolder: folder(datastoreFolder),
        datastores: datastore.map(({ value }) => ({ type: 'Datastore', value })),
      });
    }
    return found;
  };

  const foldersAbove = async (parent: Reference | undefined, options: CallOptions): Promise<readonly string[]> => {
    if (!parent || parent.value === center.content.rootFolder.value) return [];
    const { name = '', parent: next } = await center.call(about, options, (vsphere, call) =>
      vsphere.properties.get(folder(parent), ['name', 'parent'], call),
    );
    return [...(await foldersAbove(next, options)), name];
  };

  const read = async (options: CallOptions): Promise<readonly Datastore[]> => {
    const found: Datastore[] = [];
    const all = await datacenters(options);
    const homes = new Map(all.flatMap((one) => one.datastores.map(({ value }) => [value, one] as const)));
    // Named by the datacenters: neither views nor more calls for more of these.
    const from = all.flatMap((one) => one.datastores);
    const reading = center.stream(about, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'Datastore', paths: ['name', 'summary.type', 'summary.url'] }, call),
    );
    for await (const { ref, properties } of reading) {
      const { name, 'summary.type': type = '', 'summary.url': url = '' } = properties;
      const datacenter = homes.get(ref.value);
      if (datacenter && name !== undefined && !name.startsWith(REMOTE_STORE) && (pools?.test(name) ?? true))
        found.push({ id: poolId(ref.value), ref, name, type, url, datacenter });
    }
    return policy.compatible(found, options);
  };

  const datastores = (options: CallOptions, fresh = false): Promise<readonly Datastore[]> => {
    if (known && !fresh && Date.now() - readAt < FRESH_MILLISECONDS) return known;
    readAt = Date.now();
    // Shared by all who come meanwhile: not under the signal of the one who came first.
    const reading = read({ ...(options.deadline && { deadline: options.deadline }) });
    known = reading;
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    return reading;
  };

  return {
    only,
    datacenters,
    datastores: (options) => datastores(options),
    async datastore(id, options) {
      const find = (all: readonly Datastore[]) => all.find((one) => one.id === id);
      const found = find(await datastores(options)) ?? find(await datastores(options, true));
      if (found) return found;
      throw new DriverError('POOL.NOT_FOUND', `Pool ${id} is not there.`, { subject: id });
    },
    async locator(options) {
      const all = await datastores(options).catch((error: unknown) => {
        // A machine can be read by those who may not read datastores.
        if (isDriverError(error, 'ACCESS.DENIED')) return [];
        throw error;
      });
      return (file) => locate(all, file);
    },
  };
}

function locate(all: readonly Datastore[], { fileName: name, datastore }: BackingFile): VolumeId | undefined {
  const path = parsePath(name);
  const found = all.find((one) => (datastore ? one.id === datastore.value : one.name === path?.datastore));
  return path && found && path.path !== '' ? { pool: found.id, key: path.path } : undefined;
}

// The properties are typed by the type's base.
const folder = ({ value }: Reference): Reference<'Folder'> => ({ type: 'Folder', value });
