import { basename, join } from 'node:path/posix';
import { isDriverError, poolId, type CallOptions, type PoolId, type VolumeId } from '@virt-drivers/core';
import { storagePoolListVolumes, storageVolDelete } from '@virt-drivers/libvirt';
import { isConsoleLog, isMachineFile } from './console-log-file.js';
import { attribute, child, children, type Element } from './convert/xml.js';
import { refreshPool } from './pool-refresh.js';
import type { LibvirtSession } from './session.js';
import { volumeOf } from './storage/files.js';

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
  const directory = await directoryFor(session, spec.disks, options);
  return directory && join(directory, `vd-${uuid}.console.log`);
}

/** A directory of the host where files about a machine can be: that of a disk of it, else of any pool. */
export async function directoryFor(
  session: LibvirtSession,
  disks: readonly { readonly volume?: VolumeId }[],
  options: CallOptions,
): Promise<string | undefined> {
  const wanted: readonly PoolId[] = disks.flatMap(({ volume }) => (volume ? [volume.pool] : []));
  const inWanted = await firstDirectory(session, wanted, options);
  if (inWanted !== undefined) return inWanted;
  // Disks may all be where no files are.
  const others = (await session.pools.list(options)).map(({ name }) => poolId(name));
  return firstDirectory(session, others, options);
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
  session: LibvirtSession,
  file: string,
  options: CallOptions,
): Promise<readonly VolumeId[]> {
  const { pool, key } = await session.pools.locate(file, options);
  const age = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? -1);
  return (await fileNames(session, pool, options))
    .filter((name) => name === key || (name.startsWith(`${key}.`) && isConsoleLog(name)))
    .sort((a, b) => age(b) - age(a))
    .map((name) => ({ pool, key: name }));
}

/** Everything in a pool, also what was written behind its back. */
async function fileNames(session: LibvirtSession, id: PoolId, options: CallOptions): Promise<readonly string[]> {
  const pool = await refreshPool(session, id, options);
  const about = { what: `Pool ${id}`, subject: id, reads: true };
  return session.daemon.call(about, options, (connection, call) => storagePoolListVolumes(connection, pool, call));
}

/** Deletes a machine's log with it, and dumps of its memory that an interrupted reader left beside it. */
export async function removeConsoleLog(session: LibvirtSession, domain: Element, options: CallOptions): Promise<void> {
  const file = consoleLogOf(domain);
  if (file === undefined) return;
  for (const id of await machineFiles(session, file, options).catch(noneIfGone)) {
    const about = { what: `File ${id.key}`, subject: id.key };
    await session.daemon
      .call(about, options, (connection, call) => storageVolDelete(connection, volumeOf(id), 0, call))
      .catch(noneIfGone);
  }
}

async function machineFiles(session: LibvirtSession, log: string, options: CallOptions): Promise<readonly VolumeId[]> {
  const { pool, key } = await session.pools.locate(log, options);
  const machine = key.slice(0, key.indexOf('.') + 1);
  const names = await fileNames(session, pool, options);
  return names.filter((name) => name.startsWith(machine) && isMachineFile(name)).map((name) => ({ pool, key: name }));
}

function noneIfGone(error: unknown): readonly VolumeId[] {
  if (isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) return [];
  throw error;
}
