import {
  DriverError,
  isDriverError,
  poolId,
  taskId,
  type CallOptions,
  type DiskFormat,
  type NewVolume,
  type TaskId,
  type VolumeId,
} from '@virt-drivers/core';
import type { Undo, UndoStack } from '@virt-drivers/core/kit';
import {
  isLibvirtError,
  StorageVolCreateFlags,
  StorageVolResizeFlags,
  storageVolCreateXml,
  storageVolCreateXmlFrom,
  storageVolDelete,
  storageVolResize,
  type StoragePool,
} from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import {
  FORMATS,
  formatOf,
  headerBytesOf,
  isVolumeFormat,
  volumeXml,
  type NativeVolume,
  type VolumeFormat,
  type VolumePlan,
} from '../convert/volume-xml.js';
import { refreshPool } from '../pool-refresh.js';
import type { LibvirtSession } from '../session.js';
import { aboutVolume, volumeOf } from './files.js';
import { findFile } from './volume-view.js';

/** QEMU addresses disks by sectors. */
const SECTOR = 512n;

/** How long the host may copy or convert. */
export const COPYING = { within: { minutes: 60 }, long: true } as const;

export const wholeSectors = (size: bigint): bigint => ((size + SECTOR - 1n) / SECTOR) * SECTOR;
export const newTaskId = (): TaskId => taskId(`libvirt-${randomUUID()}`);

/** Errors: `REQUEST.INVALID` for a format that no volume here can have. */
export function checkFormat(format: DiskFormat): VolumeFormat {
  if (isVolumeFormat(format)) return format;
  throw new DriverError(
    'REQUEST.INVALID',
    `Format ${format} is none that volumes have here; choose one of ${FORMATS.join(', ')}.`,
  );
}

/** Errors: `VOLUME.EXISTS`. */
export async function refuseExisting(
  session: LibvirtSession,
  { pool, name }: NewVolume,
  options: CallOptions,
): Promise<void> {
  const existing = await findFile(session, pool, name, options);
  if (!existing) return;
  throw new DriverError(
    'VOLUME.EXISTS',
    `Volume ${name} is in pool ${pool} already. Choose another name, or delete it.`,
    {
      subject: existing.key,
    },
  );
}

/** Errors: `POOL.FULL`, `POOL.UNAVAILABLE`. */
export async function refuseTooLarge(
  session: LibvirtSession,
  pool: StoragePool,
  needed: bigint,
  options: CallOptions,
): Promise<void> {
  if ((await session.pools.view(pool, options)).figures.available >= needed) return;
  // libvirt counts once, when the pool is started; what others did since then it does not know.
  await session.pools.refresh(pool, options);
  const { figures } = await session.pools.view(pool, options);
  if (figures.available >= needed) return;
  throw new DriverError(
    'POOL.FULL',
    `Pool ${pool.name} has ${figures.available} bytes free, ${needed} are needed. Make room, or choose another pool.`,
    {
      subject: pool.name,
    },
  );
}

/** Asks the host for a volume. */
export async function makeFile(
  { daemon }: LibvirtSession,
  pool: StoragePool,
  plan: VolumePlan,
  options: CallOptions,
): Promise<VolumeId> {
  const id: VolumeId = { pool: poolId(pool.name), key: plan.fileName };
  await daemon.call({ ...aboutVolume(id), ...(plan.thick ? COPYING : {}) }, options, async (connection, call) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await storageVolCreateXml(connection, pool, volumeXml(plan), preallocationOf(plan), call);
      } catch (error) {
        const byChance = plan.secret !== undefined && isLibvirtError(error) && error.code === 'INTERNAL_ERROR';
        if (!byChance || tries === KEY_TRIES) throw error;
      }
    }
  });
  return id;
}

/**
 * QUIRK(QEMU 7.2): before it encrypts, it measures how long a key takes to derive, and fails by chance on a host whose
 * processors others use ("Unable to get accurate CPU usage"). Nothing is left of the volume then.
 */
const KEY_TRIES = 5;

/** QEMU's format sets space aside only when told so; a file that continues another cannot. */
const preallocationOf = ({ format, thick, backing }: VolumePlan): number =>
  thick === true && format === 'qcow2' && !backing ? StorageVolCreateFlags.PreallocMetadata : 0;

/** A flat file that has all its space gets it for what it grows by, too. */
const growthOf = (native: NativeVolume): number =>
  native.kind === 'file' && formatOf(native) === 'raw' && native.allocatedBytes >= native.capacityBytes
    ? StorageVolResizeFlags.Allocate
    : 0;

/** Has the host copy a volume into a new one, converted where the formats differ. */
export async function copyFile(
  { daemon }: LibvirtSession,
  pool: StoragePool,
  plan: VolumePlan,
  source: VolumeId,
  options: CallOptions,
): Promise<VolumeId> {
  const id: VolumeId = { pool: poolId(pool.name), key: plan.fileName };
  await daemon.call({ ...aboutVolume(id), ...COPYING }, options, (connection, call) =>
    storageVolCreateXmlFrom(connection, pool, volumeXml(plan), volumeOf(source), 0, call),
  );
  return id;
}

/** Grows a file that nothing runs on to this size; one that has it stays. */
export async function growFile(
  session: LibvirtSession,
  id: VolumeId,
  size: bigint,
  options: CallOptions,
): Promise<void> {
  const { daemon, files, endpoint } = session;
  const native = await files.read(id, options);
  if (native.capacityBytes >= size) return;
  if (endpoint.product === 'TEST') return remake(session, id, native, size, options);
  const flags = growthOf(native);
  const length = size + headerBytesOf(native);
  const resize = (): Promise<void> =>
    daemon.call({ ...aboutVolume(id), within: { minutes: 2 } }, options, (connection, call) =>
      storageVolResize(connection, volumeOf(id), length, flags, call),
    );
  try {
    await resize();
  } catch (error) {
    if (flags === 0 || !isDriverError(error, 'POOL.FULL')) throw error;
    // libvirt compares with what was free when it last counted.
    await session.pools.refresh(await session.pools.find(id.pool, options), options);
    await resize();
  }
}

/** QUIRK: libvirt's test driver resizes nothing; its volumes hold no content, so that a new one is the same, larger. */
async function remake(
  session: LibvirtSession,
  id: VolumeId,
  native: NativeVolume,
  size: bigint,
  options: CallOptions,
): Promise<void> {
  const pool = await session.pools.find(id.pool, options);
  const { backing } = native;
  await unmake(session, id)(options);
  const plan = { fileName: id.key, format: checkFormat(formatOf(native)), capacityBytes: size };
  await makeFile(
    session,
    pool,
    backing ? { ...plan, backing: { path: backing.path, format: 'qcow2' } } : plan,
    options,
  );
}

/** Makes a file, and notes how to take it back: whatever the outcome was, except that it is somebody else's. */
export async function making<T>(
  undo: UndoStack,
  session: LibvirtSession,
  id: VolumeId,
  run: () => Promise<T>,
  back = unmake(session, id),
): Promise<T> {
  const note = (): void => undo.push(`volume ${id.key}`, back);
  try {
    const made = await run();
    note();
    return made;
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.EXISTS')) note();
    throw error;
  }
}

/** Takes a file back that was being made. */
export const unmake =
  (session: LibvirtSession, id: VolumeId): Undo =>
  async (options) => {
    try {
      await session.daemon.call(aboutVolume(id), options, (connection, call) =>
        storageVolDelete(connection, volumeOf(id), 0, call),
      );
    } catch (error) {
      if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return;
      if (!isDriverError(error, 'POOL.UNAVAILABLE') || (await isThere(session, id, options))) throw error;
    }
  };

/** QUIRK(libvirt 9.0): it goes on listing a volume that it could not make because the storage may only be read. */
async function isThere(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<boolean> {
  const pool = await refreshPool(session, id.pool, options);
  return (await session.files.names(pool, options)).includes(id.key);
}
