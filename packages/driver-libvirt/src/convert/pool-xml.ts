import { bytes, poolId, type DiskFormat, type HostId, type Pool } from '@virt-drivers/core';
import { StoragePoolState } from '@virt-drivers/libvirt';
import { rbdDirectory, type NetworkStore } from './disk-source.js';
import { DIRECTORY_FORMATS, FORMATS } from './volume-xml.js';
import { attribute, child, children, parseXml, textAt, type Element } from './xml.js';

/** What the type of a pool is called that libvirt knows as a directory of devices, and this driver as PowerFlex's. */
export const POWERFLEX = 'powerflex';

/** A pool as libvirt describes it. */
export interface NativePool {
  readonly name: string;
  readonly type: string;
  /** What the locations of its volumes start with, before the last `/`. */
  readonly directory: string;
  /** Of libvirt's test driver, whose volumes have no content. */
  readonly simulated?: true;
  /** How machines reach volumes that have no path on the host. */
  readonly store?: NetworkStore;
}

/** Reads a pool's document. */
export function readPool(xml: string): NativePool {
  const pool = parseXml(xml);
  const type = attribute(pool, 'type') ?? '';
  const store = type === 'rbd' ? readStore(child(pool, 'source')) : undefined;
  const place = textAt(pool, 'source/name') ?? '';
  const path = textAt(pool, 'target/path') ?? '';
  return {
    name: textAt(pool, 'name') ?? '',
    // Names of the host's devices are no place for files, though libvirt would make some there.
    type: type === 'dir' && path.startsWith('/dev/disk/') ? 'devices' : type,
    directory: store ? rbdDirectory(store, place) : path,
    ...(store && { store }),
  };
}

/** Formats that volumes of it can have, the preferred one first; none where this driver makes no volumes. */
export const formatsOf = ({ type, simulated }: Pick<NativePool, 'type' | 'simulated'>): readonly DiskFormat[] => {
  if (type === 'dir') return simulated ? FORMATS : DIRECTORY_FORMATS;
  return RAW_TYPES.has(type) ? RAW_ONLY : [];
};

function readStore(source: Element | undefined): NetworkStore {
  const username = attribute(source, 'username', 'auth');
  const secretUuid = attribute(source, 'uuid', 'auth/secret');
  const hosts = children(source, 'host').map((host) => {
    const port = attribute(host, 'port');
    return { name: attribute(host, 'name') ?? '', ...(port === undefined ? {} : { port }) };
  });
  return { protocol: 'rbd', hosts, ...(username && secretUuid ? { auth: { username, secretUuid } } : {}) };
}

/** Native state number, capacity and free bytes of a pool. */
export interface PoolFigures {
  readonly state: number;
  readonly capacity: bigint;
  readonly available: bigint;
}

/** The contract's view of a pool. */
export function toPool(native: NativePool, figures: PoolFigures, host: HostId): Pool {
  const { name, type } = native;
  return {
    id: poolId(name),
    name,
    kind: KINDS[type] ?? 'other',
    state: figures.state === StoragePoolState.Running ? 'ready' : 'unavailable',
    capacityBytes: bytes(figures.capacity),
    freeBytes: bytes(figures.available),
    formats: formatsOf(native),
    hosts: [host],
    shared: SHARED.has(type),
  };
}

const RAW_ONLY: readonly DiskFormat[] = ['raw'];
const RAW_TYPES = new Set(['rbd', 'logical', POWERFLEX]);

const KINDS: Readonly<Record<string, Pool['kind']>> = {
  dir: 'directory',
  fs: 'directory',
  netfs: 'directory',
  logical: 'block',
  [POWERFLEX]: 'block',
  disk: 'block',
  iscsi: 'block',
  'iscsi-direct': 'block',
  scsi: 'block',
  mpath: 'block',
  rbd: 'object',
  gluster: 'object',
  sheepdog: 'object',
};

/** Whether libvirt has to be told to look at what other hosts did; PowerFlex is asked itself. */
export const isWrittenByOthers = ({ type }: NativePool): boolean => type !== POWERFLEX && SHARED.has(type);

const SHARED = new Set([POWERFLEX, 'netfs', 'rbd', 'gluster', 'sheepdog', 'iscsi', 'iscsi-direct']);
