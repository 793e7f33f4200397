import { dirname, basename } from 'node:path/posix';
import { DriverError, isDriverError, poolId, type CallOptions, type PoolId, type VolumeId } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import {
  connectListAllStoragePools,
  storagePoolGetInfo,
  storagePoolGetXmlDesc,
  storagePoolLookupByName,
  storagePoolRefresh,
  type StoragePool,
} from '@virt-drivers/libvirt';
import type { Daemon } from './connection.js';
import type { NetworkStore } from './convert/disk-source.js';
import { LOGIN_PREFIX } from './convert/host-unit.js';
import { IMAGE_FILE, isFolder, isFolderPool } from './convert/ploop.js';
import { POWERFLEX, readPool, type NativePool, type PoolFigures } from './convert/pool-xml.js';
import type { FindPowerFlex } from './session.js';
import { isDeviceName } from './storage/powerflex-names.js';

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
  /** Has the host look at the pool anew, unless it is at work there. */
  refresh(pool: StoragePool, options: CallOptions): Promise<void>;
  /** Errors: `POOL.NOT_FOUND`. */
  find(id: PoolId, options: CallOptions): Promise<StoragePool>;
  describe(pool: StoragePool, options: CallOptions): Promise<NativePool>;
  /** Location of a volume that has no path on the host. Errors: `POOL.NOT_FOUND`. */
  locationOf(id: VolumeId, options: CallOptions): Promise<string>;
  /** How machines reach the volumes of a network store. Errors: `POOL.NOT_FOUND`. */
  storeOf(id: PoolId, options: CallOptions): Promise<NetworkStore>;
  /** A pool that keeps files. Errors: `POOL.NOT_FOUND`, `REQUEST.INVALID` for another kind. */
  directory(id: PoolId, options: CallOptions): Promise<NativePool & { readonly pool: StoragePool }>;
  locator(options: CallOptions): Promise<Locate>;
  /** Pool and file name of a path that must be in a pool. Errors: `VOLUME.NOT_FOUND`. */
  locate(path: string, options: CallOptions): Promise<VolumeId>;
}

/** Directory and name of the volume at a path; an image in a folder is at one of that. */
const placeOf = (path: string): readonly [string, string] => {
  const at = basename(path) === IMAGE_FILE && isFolder(basename(dirname(path))) ? dirname(path) : path;
  return [dirname(at), basename(at)];
};

/** How long a listing of pools serves look-ups; pools change rarely, and a wrong miss is repaired by the next. */
const FRESH_MILLISECONDS = 5_000;

// libvirt refuses while a volume is being made in the pool.
const UNREFRESHED = {
  INTERNAL_ERROR: { code: 'HOST.FAILED', says: 'is being worked on' },
  OPERATION_INVALID: { code: 'POOL.UNAVAILABLE', says: 'is not active' },
} as const;

export function createPools(daemon: Daemon, powerflex: FindPowerFlex, simulated: boolean): Pools {
  const about = (id: string) => ({ what: `Pool ${id}`, subject: id, reads: true });
  let known: Promise<readonly NativePool[]> | undefined;
  let listedAt = 0;

  const list = async (options: CallOptions): Promise<readonly StoragePool[]> => {
    const all = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
      connectListAllStoragePools(connection, 0, call),
    );
    return all.filter(({ name }) => !name.startsWith(LOGIN_PREFIX) && !isFolderPool(name));
  };

  const describe = async (pool: StoragePool, options: CallOptions): Promise<NativePool> => {
    const xml = await daemon.call(about(pool.name), options, (connection, call) =>
      storagePoolGetXmlDesc(connection, pool, 0, call),
    );
    const native = readPool(xml);
    if (powerflex(native.name)) return { ...native, type: POWERFLEX };
    return simulated ? { ...native, simulated } : native;
  };

  const readPools = async (options: CallOptions): Promise<readonly NativePool[]> => {
    const found = await Promise.all(
      (await list(options)).map((pool) => describe(pool, options).catch(undefinedOn('POOL.NOT_FOUND'))),
    );
    return found.filter((pool) => pool !== undefined);
  };

  const current = (options: CallOptions): Promise<readonly NativePool[]> => {
    if (known && Date.now() - listedAt < FRESH_MILLISECONDS) return known;
    listedAt = Date.now();
    const reading = readPools({ ...(options.deadline && { deadline: options.deadline }) });
    reading.catch(() => (known = undefined));
    return (known = reading);
  };

  const recent = async (id: PoolId, options: CallOptions): Promise<NativePool> => {
    const found = (await current(options)).find(({ name }) => name === id);
    return found ?? describe(await find(id, options), options);
  };

  const locator = async (options: CallOptions): Promise<Locate> => {
    const pools = new Map((await current(options)).map((pool) => [pool.directory, pool]));
    return (path) => {
      const [directory, key] = placeOf(path);
      const pool = pools.get(directory);
      // Names of devices are in one directory, whosever they are.
      const foreign = pool?.type === POWERFLEX && !isDeviceName(key);
      return !pool || foreign ? undefined : { pool: poolId(pool.name), key };
    };
  };

  const find = (id: PoolId, options: CallOptions): Promise<StoragePool> =>
    daemon.call(about(id), options, (connection, call) => storagePoolLookupByName(connection, id, call));

  return {
    list,
    find,
    describe,
    locator,
    locationOf: async ({ pool, key }, options) => `${(await recent(pool, options)).directory}/${key}`,
    async storeOf(id, options) {
      const { store, type } = await recent(id, options);
      if (store) return store;
      throw new DriverError('HOST.FAILED', `Pool ${id} of type ${type} is no network store. Look at its definition.`, {
        subject: id,
      });
    },
    async view(pool, options) {
      const [native, figures] = await Promise.all([
        describe(pool, options),
        powerflex(pool.name)?.figures(options) ??
          daemon.call(about(pool.name), options, (connection, call) => storagePoolGetInfo(connection, pool, call)),
      ]);
      return { native, figures };
    },
    refresh: (pool, options) =>
      daemon
        .call({ ...about(pool.name), means: UNREFRESHED, within: { minutes: 2 } }, options, (connection, call) =>
          storagePoolRefresh(connection, pool, 0, call),
        )
        .catch((error: unknown) => {
          if (!isDriverError(error, 'HOST.FAILED', 'POOL.UNAVAILABLE', 'CAPABILITY.ABSENT')) throw error;
        }),
    async directory(id, options) {
      const pool = await find(id, options);
      const native = await describe(pool, options);
      if (native.type === 'dir') return { ...native, pool };
      throw new DriverError(
        'REQUEST.INVALID',
        `Pool ${id} is of type ${native.type}; only pools of type dir keep files.`,
        {
          subject: id,
        },
      );
    },
    async locate(path, options) {
      const volume = (await locator(options))(path);
      if (volume) return volume;
      known = undefined;
      const again = (await locator(options))(path);
      if (again) return again;
      throw new DriverError(
        'VOLUME.NOT_FOUND',
        `File ${path} is in no pool of this host; define a pool for its directory first.`,
      );
    },
  };
}
