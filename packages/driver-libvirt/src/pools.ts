import { dirname, basename } from 'node:path/posix';
import { DriverError, isDriverError, poolId, type CallOptions, type PoolId, type VolumeId } from '@virt-drivers/core';
import {
  connectListAllStoragePools,
  storagePoolGetInfo,
  storagePoolGetXmlDesc,
  storagePoolLookupByName,
  type StoragePool,
} from '@virt-drivers/libvirt';
import type { Daemon } from './connection.js';
import { readPool, type NativePool, type PoolFigures } from './convert/volume-xml.js';

/** A pool with its figures of now. */
export interface PoolView {
  readonly native: NativePool;
  readonly figures: PoolFigures;
}

/** Finds the volume behind a path of the host. */
export type Locate = (path: string) => VolumeId | undefined;

/** The host's pools, and which directory belongs to which. */
export interface Pools {
  list(options: CallOptions): Promise<readonly StoragePool[]>;
  view(pool: StoragePool, options: CallOptions): Promise<PoolView>;
  /** Errors: `POOL.NOT_FOUND`. */
  find(id: PoolId, options: CallOptions): Promise<StoragePool>;
  /** The same with its directory. Errors: `POOL.NOT_FOUND`, `REQUEST.INVALID` for a kind of pool that has no files. */
  directory(id: PoolId, options: CallOptions): Promise<NativePool & { readonly pool: StoragePool }>;
  locator(options: CallOptions): Promise<Locate>;
  /** Pool and file name of a path that must be in a pool. Errors: `VOLUME.NOT_FOUND`. */
  locate(path: string, options: CallOptions): Promise<VolumeId>;
}

/** How long a listing of pools serves look-ups; pools change rarely, and a wrong miss is repaired by the next. */
const FRESH_MILLISECONDS = 5_000;

export function createPools(daemon: Daemon): Pools {
  const about = (id: string) => ({ what: `Pool ${id}`, subject: id, reads: true });
  let directories: Promise<ReadonlyMap<string, PoolId>> | undefined;
  let listedAt = 0;

  const list = (options: CallOptions): Promise<readonly StoragePool[]> =>
    daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
      connectListAllStoragePools(connection, 0, call),
    );

  const describe = async (pool: StoragePool, options: CallOptions): Promise<NativePool> =>
    readPool(
      await daemon.call(about(pool.name), options, (connection, call) =>
        storagePoolGetXmlDesc(connection, pool, 0, call),
      ),
    );

  const readDirectories = async (options: CallOptions): Promise<ReadonlyMap<string, PoolId>> => {
    const found = await Promise.all((await list(options)).map((pool) => describe(pool, options).catch(unlessGone)));
    return new Map(found.flatMap((pool) => (pool?.targetPath ? [[pool.targetPath, poolId(pool.name)] as const] : [])));
  };

  const current = (options: CallOptions): Promise<ReadonlyMap<string, PoolId>> => {
    if (directories && Date.now() - listedAt < FRESH_MILLISECONDS) return directories;
    listedAt = Date.now();
    const reading = readDirectories({ ...(options.deadline && { deadline: options.deadline }) });
    reading.catch(() => (directories = undefined));
    return (directories = reading);
  };

  const locator = async (options: CallOptions): Promise<Locate> => {
    const known = await current(options);
    return (path) => {
      const pool = known.get(dirname(path));
      return pool === undefined ? undefined : { pool, key: basename(path) };
    };
  };

  const find = (id: PoolId, options: CallOptions): Promise<StoragePool> =>
    daemon.call(about(id), options, (connection, call) => storagePoolLookupByName(connection, id, call));

  return {
    list,
    find,
    locator,
    async view(pool, options) {
      const [native, figures] = await Promise.all([
        describe(pool, options),
        daemon.call(about(pool.name), options, (connection, call) => storagePoolGetInfo(connection, pool, call)),
      ]);
      return { native, figures };
    },
    async directory(id, options) {
      const pool = await find(id, options);
      const native = await describe(pool, options);
      if (native.type === 'dir') return { ...native, pool };
      throw new DriverError(
        'REQUEST.INVALID',
        `Pool ${id} is of type ${native.type}; this driver keeps volumes in pools of type dir.`,
        {
          subject: id,
        },
      );
    },
    async locate(path, options) {
      const volume = (await locator(options))(path);
      if (volume) return volume;
      directories = undefined;
      const again = (await locator(options))(path);
      if (again) return again;
      throw new DriverError(
        'VOLUME.NOT_FOUND',
        `File ${path} is in no pool of this host; define a pool for its directory first.`,
      );
    },
  };
}

function unlessGone(error: unknown): undefined {
  if (isDriverError(error, 'POOL.NOT_FOUND')) return undefined;
  throw error;
}
