import {
  isDriverError,
  poolId,
  type CallOptions,
  type DriverError,
  type PoolId,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import type { StoragePool } from '@virt-drivers/libvirt';
import type { Attachments } from '../attachments.js';
import { isMachineFile } from '../console-log-file.js';
import { isSizeNote } from '../convert/ploop.js';
import { FORMATS, formatOf, intermediateName, nameOf, type NativeVolume } from '../convert/volume-xml.js';
import type { Locate } from '../pools.js';
import type { LibvirtSession } from '../session.js';
import { keysOf } from './backends.js';
import { mayContinue } from './files.js';
import { isGrowth } from './growth-by-copy.js';
import { isImageBookkeeping } from './image-names.js';
import { placeIn, placeOf } from './place.js';
import { baseIn, isLink } from './rbd-links.js';

/** The contract's view of a file. */
export function toVolume(
  native: NativeVolume,
  pool: PoolId,
  locate: Locate,
  attachments: Attachments,
  known?: VolumeId,
): Volume {
  const id: VolumeId = { pool, key: native.fileName };
  const base = known ?? (native.backing && mayContinue(native) ? locate(native.backing.path) : undefined);
  return {
    id,
    name: nameOf(native),
    format: formatOf(native),
    sizeBytes: native.capacityBytes,
    ...(native.allocationUntold ? {} : { allocatedBytes: native.allocatedBytes }),
    ...(base && { base }),
    attachedTo: [...new Set(attachments.of(id).map(({ machine }) => machine))],
  };
}

/** One volume. Errors: `VOLUME.NOT_FOUND`. */
export async function readVolumeView(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<Volume> {
  const { pools, attachments } = session;
  const [native, locate] = await Promise.all([readSettled(session, id, options), pools.locator(options)]);
  return toVolume(native, id.pool, locate, await attachments(options), await baseOf(session, native, id, options));
}

/** A volume that is not there, or has no size, may be one whose growth was interrupted. */
async function readSettled(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<NativeVolume> {
  try {
    const native = await session.files.read(id, options);
    if (native.capacityBytes > 0n || !(await settle(session, id, options))) return native;
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND') || !(await settle(session, id, options))) throw error;
  }
  return session.files.read(id, options);
}

async function settle(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<boolean> {
  try {
    return (await placeOf(session, id, options)).backend.settle !== undefined;
  } catch (error) {
    if (isDriverError(error, 'POOL.NOT_FOUND', 'VOLUME.NOT_FOUND')) return false;
    throw error;
  }
}

/** The base of an image in a store whose images libvirt says nothing about. */
async function baseOf(
  session: LibvirtSession,
  { kind }: NativeVolume,
  id: VolumeId,
  options: CallOptions,
): Promise<VolumeId | undefined> {
  if (kind !== 'network') return undefined;
  const { place, backend } = await placeOf(session, id, options);
  return backend.base?.(place, id, options);
}

/** The file that has this name, in whatever format. */
export async function findFile(
  session: LibvirtSession,
  pool: PoolId,
  name: string,
  options: CallOptions,
): Promise<VolumeId | undefined> {
  const { native } = await placeIn(session, pool, options);
  const powerflex = session.powerflex(pool);
  if (powerflex) return powerflex.find(name, options);
  const left = native.type === 'dir' ? intermediatesOf(name) : [];
  const candidates = [...new Set([...keysOf(native, name), name, ...left])].map((key) => ({ pool, key }));
  const found = await Promise.all(
    candidates.map((id) =>
      session.files.read(id, options).catch((error: unknown) => {
        if (isDriverError(error, 'VOLUME.NOT_FOUND')) return undefined;
        throw error;
      }),
    ),
  );
  return candidates.find((_, index) => found[index] !== undefined);
}

/** Files that a volume of this name may be converted from. */
export const intermediatesOf = (name: string): readonly string[] =>
  FORMATS.map((format) => intermediateName(name, format));

/** All volumes of a pool, without the console logs that are kept there. */
export async function* readVolumeViews(
  { files, pools, attachments }: LibvirtSession,
  pool: StoragePool,
  options: CallOptions,
): AsyncGenerator<Volume | DriverError | undefined> {
  const [locate, users] = await Promise.all([pools.locator(options), attachments(options)]);
  const id = poolId(pool.name);
  const names = await files.names(pool, options);
  for await (const file of files.readAll(pool, options)) {
    if (file === undefined || isDriverError(file)) yield file;
    else if (!isBookkeeping(file.fileName)) {
      const base = file.kind === 'network' ? baseIn(names, file.fileName) : undefined;
      yield toVolume(file, id, locate, users, base === undefined ? undefined : { pool: id, key: base });
    }
  }
}

/** What is in pools and no volume to anybody. */
const isBookkeeping = (fileName: string): boolean =>
  isMachineFile(fileName) ||
  isImageBookkeeping(fileName) ||
  isLink(fileName) ||
  isGrowth(fileName) ||
  isSizeNote(fileName);
