import { basename, join } from 'node:path/posix';
import { isDriverError, poolId, type CallOptions, type PoolId, type VolumeId } from '@virt-drivers/core';
import { retryWhile } from '@virt-drivers/core/kit';
import { storagePoolListVolumes, storagePoolRefresh, storageVolDelete } from '@virt-drivers/libvirt';
import { isConsoleLog } from './console-log-file.js';
import { attribute, child, children, type Element } from './convert/xml.js';
import type { LibvirtSession } from './session.js';
import { volumeOf } from './storage/files.js';

// QUIRK(libvirt 9.0): told as an internal error. src/storage/storage_driver.c storagePoolRefresh
const BUSY_POOL = { INTERNAL_ERROR: { code: 'POOL.UNAVAILABLE', says: 'is making volumes; try again' } } as const;

/**
 * Where a new machine's console log goes: into a directory pool, because from there the storage API reads it, on
 * whatever host that is. Undefined when the host has no such pool.
 */
export async function consoleLogPath(
  session: LibvirtSession,
  uuid: string,
  spec: { readonly serialPort?: boolean; readonly disks: readonly { readonly volume?: VolumeId }[] },
  options: CallOptions,
): Promise<string | undefined> {
  if (session.endpoint.product !== 'QEMU' || spec.serialPort === false) return undefined;
  const wanted: readonly PoolId[] = spec.disks.flatMap(({ volume }) => (volume ? [volume.pool] : []));
  const inWanted = await firstDirectory(session, wanted, options);
  // Disks may all be where no files are.
  const others = inWanted ? [] : (await session.pools.list(options)).map(({ name }) => poolId(name));
  const directory = inWanted ?? (await firstDirectory(session, others, options));
  return directory && join(directory, `vd-${uuid}.console.log`);
}

async function firstDirectory(
  { pools }: LibvirtSession,
  candidates: readonly PoolId[],
  options: CallOptions,
): Promise<string | undefined> {
  for (const pool of candidates) {
    const found = await pools.directory(pool, options).catch((error: unknown) => {
      if (isDriverError(error, 'REQUEST.INVALID', 'POOL.NOT_FOUND')) return undefined;
      throw error;
    });
    if (found) return found.directory;
  }
  return undefined;
}

/** The log that this driver set up for a machine, from its document. */
export function consoleLogOf(domain: Element): string | undefined {
  const [serial] = children(child(domain, 'devices'), 'serial');
  const file = attribute(serial, 'file', 'log');
  return file !== undefined && isConsoleLog(basename(file)) ? file : undefined;
}

/** The log's files that are there, the oldest first. */
export async function consoleLogFiles(
  { daemon, pools }: LibvirtSession,
  file: string,
  options: CallOptions,
): Promise<readonly VolumeId[]> {
  const { pool: id, key } = await pools.locate(file, options);
  const pool = await pools.find(id, options);
  const about = { what: `Pool ${id}`, subject: id };
  // virtlogd writes behind the pool's back. A pool that is making a volume refuses to look, and soon does not.
  await retryWhile(
    options,
    (bounded) =>
      daemon.call({ ...about, means: BUSY_POOL }, bounded, (connection, call) =>
        storagePoolRefresh(connection, pool, 0, call),
      ),
    { when: (error) => isDriverError(error, 'POOL.UNAVAILABLE') },
  );
  const names = await daemon.call({ ...about, reads: true }, options, (connection, call) =>
    storagePoolListVolumes(connection, pool, call),
  );
  const age = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? -1);
  return names
    .filter((name) => name === key || (name.startsWith(`${key}.`) && isConsoleLog(name)))
    .sort((a, b) => age(b) - age(a))
    .map((name) => ({ pool: id, key: name }));
}

/** Deletes a machine's log with it. */
export async function removeConsoleLog(session: LibvirtSession, domain: Element, options: CallOptions): Promise<void> {
  const file = consoleLogOf(domain);
  if (file === undefined) return;
  for (const id of await consoleLogFiles(session, file, options).catch(noneIfGone)) {
    const about = { what: `Console log ${id.key}`, subject: id.key };
    await session.daemon
      .call(about, options, (connection, call) => storageVolDelete(connection, volumeOf(id), 0, call))
      .catch(noneIfGone);
  }
}

function noneIfGone(error: unknown): readonly VolumeId[] {
  if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return [];
  throw error;
}
