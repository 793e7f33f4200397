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
import { readAttachments, type Attachments } from '../attachments.js';
import { isConsoleLog } from '../console-log.js';
import { FORMATS, fileNameOf, formatOf, intermediateName, nameOf, type NativeVolume } from '../convert/volume-xml.js';
import type { Locate } from '../pools.js';
import type { LibvirtSession } from '../session.js';
import { mayContinue } from './files.js';

/** The contract's view of a file. */
export function toVolume(native: NativeVolume, pool: PoolId, locate: Locate, attachments: Attachments): Volume {
  const id: VolumeId = { pool, key: native.fileName };
  const base = native.backing && mayContinue(native) ? locate(native.backing.path) : undefined;
  return {
    id,
    name: nameOf(native.fileName),
    format: formatOf(native),
    sizeBytes: native.capacityBytes,
    allocatedBytes: native.allocatedBytes,
    ...(base && { base }),
    attachedTo: [...new Set(attachments.of(id).map(({ machine }) => machine))],
  };
}

/** One volume. Errors: `VOLUME.NOT_FOUND`. */
export async function readVolumeView(
  { files, pools, domains }: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
): Promise<Volume> {
  const [native, locate] = await Promise.all([files.read(id, options), pools.locator(options)]);
  return toVolume(native, id.pool, locate, await readAttachments(domains, options));
}

/** The file that has this name, in whatever format. */
export async function findFile(
  { files }: LibvirtSession,
  pool: PoolId,
  name: string,
  options: CallOptions,
): Promise<VolumeId | undefined> {
  const complete = FORMATS.map((format) => fileNameOf(name, format));
  const candidates = [...complete, name, ...intermediatesOf(name)].map((key) => ({ pool, key }));
  const found = await Promise.all(
    candidates.map((id) =>
      files.read(id, options).catch((error: unknown) => {
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
  { files, pools, domains }: LibvirtSession,
  pool: StoragePool,
  options: CallOptions,
): AsyncGenerator<Volume | DriverError | undefined> {
  const [locate, attachments] = await Promise.all([pools.locator(options), readAttachments(domains, options)]);
  for await (const file of files.readAll(pool, options)) {
    if (file === undefined || isDriverError(file)) yield file;
    else if (!isConsoleLog(file.fileName)) yield toVolume(file, poolId(pool.name), locate, attachments);
  }
}
