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
import { isConsoleLog } from '../console-log-file.js';
import { FORMATS, formatOf, intermediateName, nameOf, type NativeVolume } from '../convert/volume-xml.js';
import type { Locate } from '../pools.js';
import type { LibvirtSession } from '../session.js';
import { keysOf } from './backends.js';
import { mayContinue } from './files.js';
import { isImageBookkeeping } from './image-names.js';
import { placeIn } from './place.js';

/** The contract's view of a file. */
export function toVolume(native: NativeVolume, pool: PoolId, locate: Locate, attachments: Attachments): Volume {
  const id: VolumeId = { pool, key: native.fileName };
  const base = native.backing && mayContinue(native) ? locate(native.backing.path) : undefined;
  return {
    id,
    name: nameOf(native),
    format: formatOf(native),
    sizeBytes: native.capacityBytes,
    allocatedBytes: native.allocatedBytes,
    ...(base && { base }),
    attachedTo: [...new Set(attachments.of(id).map(({ machine }) => machine))],
  };
}

/** One volume. Errors: `VOLUME.NOT_FOUND`. */
export async function readVolumeView(
  { files, pools, attachments }: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): Promise<Volume> {
  const [native, locate] = await Promise.all([files.read(id, options), pools.locator(options)]);
  return toVolume(native, id.pool, locate, await attachments(options));
}

/** The file that has this name, in whatever format. */
export async function findFile(
  session: LibvirtSession,
  pool: PoolId,
  name: string,
  options: CallOptions,
): Promise<VolumeId | undefined> {
  const { native } = await placeIn(session, pool, options);
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
  for await (const file of files.readAll(pool, options)) {
    if (file === undefined || isDriverError(file)) yield file;
    else if (!isConsoleLog(file.fileName) && !isImageBookkeeping(file.fileName))
      yield toVolume(file, poolId(pool.name), locate, users);
  }
}
