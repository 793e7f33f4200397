import { attribute, child, children, tree, type Element, type Tree } from './xml.js';

/** Protocols that QEMU speaks itself. */
export type RemoteProtocol = 'iscsi' | 'rbd' | 'nbd' | 'nfs';

/** An address of the system that has the volume. */
export type RemoteHost = { readonly name: string; readonly port?: number } | { readonly socket: string };

/** A volume of another system as a machine's document names it. */
export interface RemoteSource {
  readonly protocol: RemoteProtocol;
  /** libvirt's name of the volume there: `TARGET/LUN`, `POOL/IMAGE`, an export's name, `/EXPORT/FILE`. */
  readonly name?: string;
  /** QEMU uses the first one of iSCSI's and remembers the others; of RBD's it uses all. */
  readonly hosts: readonly RemoteHost[];
  readonly initiator?: string;
  readonly tls?: boolean;
  /** Account there, and libvirt's secret that holds its password or key: that itself is never in a document. */
  readonly auth?: { readonly username: string; readonly secretUuid: string };
}

const PROTOCOLS: readonly RemoteProtocol[] = ['iscsi', 'rbd', 'nbd', 'nfs'];
const SECRET_TYPES: Readonly<Partial<Record<RemoteProtocol, string>>> = { iscsi: 'iscsi', rbd: 'ceph' };

/** The `source` element. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms */
export function remoteSourceTree(source: RemoteSource): Tree {
  const { protocol, name, auth, initiator, tls } = source;
  return tree(
    'source',
    { protocol, name, tls: protocol === 'nbd' && tls === true ? 'yes' : undefined },
    ...source.hosts.map(hostTree),
    initiator === undefined ? undefined : tree('initiator', {}, tree('iqn', { name: initiator })),
    auth &&
      tree(
        'auth',
        { username: auth.username },
        tree('secret', { type: SECRET_TYPES[protocol], uuid: auth.secretUuid }),
      ),
  );
}

export const hostTree = (host: RemoteHost): Tree =>
  'socket' in host
    ? tree('host', { transport: 'unix', socket: host.socket })
    : tree('host', { name: host.name, port: host.port });

/** What a disk's `source` element says of another system; undefined for what is on the host. */
export function readRemoteSource(source: Element | undefined): RemoteSource | undefined {
  const protocol = PROTOCOLS.find((known) => known === attribute(source, 'protocol'));
  if (!source || !protocol) return undefined;
  const name = attribute(source, 'name');
  const initiator = attribute(source, 'name', 'initiator/iqn');
  const username = attribute(source, 'username', 'auth');
  const secretUuid = attribute(source, 'uuid', 'auth/secret');
  return {
    protocol,
    hosts: children(source, 'host').map(readHost),
    ...(name === undefined ? {} : { name }),
    ...(initiator === undefined ? {} : { initiator }),
    ...(attribute(source, 'tls') === 'yes' ? { tls: true } : {}),
    ...(username === undefined || secretUuid === undefined ? {} : { auth: { username, secretUuid } }),
  };
}

function readHost(host: Element): RemoteHost {
  const socket = attribute(host, 'socket');
  if (socket !== undefined) return { socket };
  const port = attribute(host, 'port');
  return { name: attribute(host, 'name') ?? '', ...(port === undefined ? {} : { port: Number(port) }) };
}

/** The same text for the same volume, whichever way leads to it. An iSCSI target's name is its own the world over. */
export function remoteIdentity({ protocol, name = '', hosts }: RemoteSource): string {
  if (protocol === 'iscsi') return `iscsi:${name}`;
  const where = hosts.map((host) => ('socket' in host ? host.socket : `${host.name}:${host.port ?? ''}`)).sort();
  return `${protocol}://${where.join(',')}/${name}`;
}

/** The remote volume of a disk element; undefined for a disk of the host's own. */
export const remoteSourceOf = (disk: Element): RemoteSource | undefined => readRemoteSource(child(disk, 'source'));
