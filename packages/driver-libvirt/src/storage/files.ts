import { basename } from 'node:path/posix';
import { bytes, DriverError, isDriverError, poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { undefinedOn } from '@virt-drivers/core/kit';
import {
  storagePoolListAllVolumes,
  storageVolGetXmlDesc,
  type StoragePool,
  type StorageVolume,
} from '@virt-drivers/libvirt';
import type { Daemon } from '../connection.js';
import { isImageBookkeeping } from './image-names.js';
import { formatOf, isInFolder, readVolume, type NativeVolume } from '../convert/volume-xml.js';
import { sizeNoteName } from '../convert/ploop.js';
import { isMachineFile } from '../console-log-file.js';
import type { DiskStore } from '../convert/disk-source.js';
import type { Link } from '../convert/disk-xml.js';
import type { About } from '../errors.js';
import type { Pools } from '../pools.js';
import type { FindPowerFlex } from '../session.js';

/** The files in pools, as libvirt's storage API shows them. */
export interface Files {
  /** Errors: `VOLUME.NOT_FOUND`. */
  read(id: VolumeId, options: CallOptions): Promise<NativeVolume>;
  /** Names of all that is in a pool. */
  names(pool: StoragePool, options: CallOptions): Promise<readonly string[]>;
  readAll(pool: StoragePool, options: CallOptions): AsyncIterable<NativeVolume | DriverError | undefined>;
  /** The file and all that it continues. Errors: `VOLUME.NOT_FOUND`, also for a chain that leaves the pools. */
  chain(id: VolumeId, options: CallOptions): Promise<readonly Link[]>;
  /** Volumes that continue this one. */
  continuedBy(id: VolumeId, options: CallOptions): Promise<readonly VolumeId[]>;
}

export const aboutVolume = ({ pool, key }: VolumeId): About => ({
  what: `Volume ${key} in pool ${pool}`,
  subject: key,
  means: {
    OPERATION_INVALID: { code: 'POOL.UNAVAILABLE', says: 'cannot be used: its pool is not active, or works on it' },
    RESOURCE_BUSY: { code: 'VOLUME.BUSY', says: 'is being worked on; try again later' },
    INTERNAL_ERROR: { code: 'HOST.FAILED', says: 'could not be worked on' },
  },
});

/** Names a volume to the daemon, which finds it by pool and name, without asking for it first. */
export const volumeOf = ({ pool, key }: VolumeId): StorageVolume => ({ pool, name: key, key });

// A chain this long is a loop, or nothing that QEMU would open.
const LONGEST_CHAIN = 200;

export function createFiles(daemon: Daemon, pools: Pools, powerflex: FindPowerFlex): Files {
  const text = (id: VolumeId, options: CallOptions): Promise<string> =>
    daemon.call({ ...aboutVolume(id), reads: true }, options, (connection, call) =>
      storageVolGetXmlDesc(connection, volumeOf(id), 0, call),
    );

  const storeOf = async (
    { kind, path }: NativeVolume,
    { pool }: VolumeId,
    options: CallOptions,
  ): Promise<DiskStore> => {
    if (kind === 'network') return pools.storeOf(pool, options);
    // Whatever an operator keeps in place of a device is opened as what it is: a file.
    return kind === 'block' && !path.startsWith('/dev/') ? 'file' : kind;
  };

  const namesIn = async (pool: StoragePool, options: CallOptions): Promise<readonly string[]> => {
    const flex = powerflex(pool.name);
    if (flex) return (await flex.list(options)).map(({ fileName }) => fileName);
    const about = { what: `Pool ${pool.name}`, subject: pool.name, reads: true };
    const volumes = await daemon.call(about, options, (connection, call) =>
      storagePoolListAllVolumes(connection, pool, 0, call),
    );
    return volumes.map(({ name }) => name);
  };

  const read: Files['read'] = async (id, options) => {
    const flex = powerflex(id.pool);
    if (flex) return flex.read(id.key, options);
    try {
      const volume = readVolume(await text(id, options));
      if (isInFolder(volume)) return await measured(volume, id, options);
      return volume.kind === 'network' ? { ...volume, path: await pools.locationOf(id, options) } : volume;
    } catch (error) {
      // A volume in a pool that is gone is gone.
      if (!isDriverError(error, 'POOL.NOT_FOUND')) throw error;
      throw new DriverError('VOLUME.NOT_FOUND', `Volume ${id.key} is not there: its pool ${id.pool} is gone.`, {
        subject: id.key,
        cause: error,
      });
    }
  };

  /** libvirt measures no folder: a note beside it tells how large the disk is, and nothing how much of that it takes. */
  const measured = async (
    volume: NativeVolume,
    { pool, key }: VolumeId,
    options: CallOptions,
  ): Promise<NativeVolume> => {
    const note = await text({ pool, key: sizeNoteName(key) }, options).catch(undefinedOn('VOLUME.NOT_FOUND'));
    const capacityBytes = note === undefined ? bytes(0) : readVolume(note).capacityBytes;
    return { ...volume, capacityBytes, allocatedBytes: capacityBytes, allocationUntold: true };
  };

  const readAll: Files['readAll'] = async function* (pool, options) {
    const flex = powerflex(pool.name);
    if (flex) {
      yield* await flex.list(options);
      return;
    }
    const names = await namesIn(pool, options);
    const reading = names.map((name) => read({ pool: poolId(pool.name), key: name }, options).catch(asUnreadable));
    for (const one of reading) one.catch(() => undefined);
    for (const one of reading) yield await one;
  };

  return {
    read,
    names: namesIn,
    readAll,
    async chain(id, options) {
      const links: Link[] = [];
      let next: VolumeId | undefined = id;
      while (next && links.length < LONGEST_CHAIN) {
        const volume: NativeVolume = await read(next, options);
        links.push({ path: volume.path, format: formatOf(volume), store: await storeOf(volume, next, options) });
        // What a block store continues is its own affair: machines see one device.
        const inner: NativeVolume['backing'] =
          volume.kind === 'file' && mayContinue(volume) ? volume.backing : undefined;
        next = inner && (await pools.locate(inner.path, options));
      }
      return links;
    },
    async continuedBy(id, options) {
      const { path } = await read(id, options);
      const found: VolumeId[] = [];
      for (const pool of await pools.list(options)) {
        // Its volumes continue each other only, and who has them may be away.
        if (powerflex(pool.name)) continue;
        for (const one of (await namesIn(pool, options)).filter(mayNameBacking).map(likely(pool, path, options))) {
          const volume = await one;
          if (volume?.backing?.path !== path || !mayContinue(volume)) continue;
          found.push({ pool: poolId(pool.name), key: volume.fileName });
        }
      }
      return found;
    },
  };

  /** Reads a description as far as it takes to see that it does not name that path. */
  function likely(pool: StoragePool, path: string, options: CallOptions) {
    const id = (key: string): VolumeId => ({ pool: poolId(pool.name), key });
    return (key: string): Promise<NativeVolume | undefined> => {
      const reading = text(id(key), options).then(
        (xml) => (xml.includes(basename(path)) ? readVolume(xml) : undefined),
        (error: unknown) => void asUnreadable(error),
      );
      reading.catch(() => undefined);
      return reading;
    };
  }
}

/** Files whose names declare bytes without a header name no backing file, whatever they contain. */
const mayNameBacking = (fileName: string): boolean =>
  !/\.(raw|iso|ploop)$/.test(fileName) && !isMachineFile(fileName) && !isImageBookkeeping(fileName);

/** A raw file continues nothing, and a folder neither, whatever a guest has written into its first bytes. */
export const mayContinue = (volume: NativeVolume): boolean =>
  volume.kind !== 'file' || !['raw', 'iso', 'parallels'].includes(formatOf(volume));

function asUnreadable(error: unknown): DriverError | undefined {
  if (isDriverError(error, 'VOLUME.NOT_FOUND')) return undefined;
  if (isDriverError(error, 'ACCESS.DENIED', 'HOST.FAILED', 'REQUEST.INVALID')) return error;
  throw error;
}
