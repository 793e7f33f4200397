import { encryptionTree, isEncrypted } from './encryption-xml.js';
import { remoteSourceTree, type RemoteSource } from './remote-source.js';
import { attribute, children, tree, type Element, type Tree } from './xml.js';

/** How machines reach a store that QEMU speaks to itself. */
export interface NetworkStore {
  readonly protocol: 'rbd';
  readonly hosts: readonly { readonly name: string; readonly port?: string }[];
  /** Account at the store, and libvirt's secret that holds its key: the key itself never passes here. */
  readonly auth?: { readonly username: string; readonly secretUuid: string };
}

/** A volume that another system has, in none of the host's pools. */
export interface RemoteStore {
  readonly remote: RemoteSource;
}

/** Where a machine finds a disk's bytes. */
export type DiskStore = 'file' | 'block' | NetworkStore | RemoteStore;

/**
 * Where images of one Ceph pool are, as one text. It begins with the monitors, for two clusters may have pools of one
 * name, and only images on the same one are the same.
 */
export function rbdDirectory({ hosts }: Pick<NetworkStore, 'hosts'>, cephPool: string): string {
  const monitors = hosts.map(({ name, port }) => (port === undefined ? name : `${name}:${port}`)).sort();
  return `rbd://${monitors.join(',')}/${cephPool}`;
}

/** The type that a `disk` or `backingStore` element has for this store. */
export const storeType = (store: DiskStore): string => (typeof store === 'string' ? store : 'network');

/** The `source` element of a disk, its location as `readLocation` tells it. `key` says which key opens it, if not its own. */
export function sourceTree(location: string, store: DiskStore, key = location): Tree {
  if (typeof store !== 'string' && 'remote' in store) return remoteSourceTree(store.remote);
  const keeping = typeof store === 'string' ? store : 'network';
  const encryption = isEncrypted(location, keeping) ? encryptionTree(key) : undefined;
  if (store === 'file') return tree('source', { file: location }, encryption);
  if (store === 'block') return tree('source', { dev: location }, encryption);
  const { protocol, hosts, auth } = store;
  return tree(
    'source',
    { protocol, name: imageName(location) },
    ...hosts.map(({ name, port }) => tree('host', { name, port })),
    auth && tree('auth', { username: auth.username }, tree('secret', { type: 'ceph', uuid: auth.secretUuid })),
    encryption,
  );
}

/** `pool/image` of a location. */
const imageName = (location: string): string => location.split('/').slice(-2).join('/');

/** Location of what a `source` element names; undefined for what is in no pool that this driver knows. */
export function readLocation(source: Element | undefined): string | undefined {
  const path = attribute(source, 'file') ?? attribute(source, 'dev');
  if (path !== undefined || attribute(source, 'protocol') !== 'rbd') return path;
  const [pool = '', image = ''] = (attribute(source, 'name') ?? '').split('/');
  const hosts = children(source, 'host').map((host) => {
    const port = attribute(host, 'port');
    return { name: attribute(host, 'name') ?? '', ...(port === undefined ? {} : { port }) };
  });
  return `${rbdDirectory({ hosts }, pool)}/${image}`;
}
