import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import {
  storagePoolBuild,
  storagePoolCreate,
  storagePoolDefineXml,
  storagePoolGetXmlDesc,
  storagePoolIsActive,
  storagePoolLookupByName,
  storagePoolSetAutostart,
  type StoragePool,
} from '@virt-drivers/libvirt';
import type { Daemon, NativeCall } from './connection.js';
import { readPool } from './convert/pool-xml.js';
import { toXml, tree } from './convert/xml.js';
import type { LibvirtDriverOptions } from './options.js';
import { DEVICES, type PowerFlexOptions } from './powerflex/powerflex-options.js';

/** Defines and starts the pool that the options name; one that is there is only started. */
export const ensurePool = (
  daemon: Daemon,
  pool: NonNullable<LibvirtDriverOptions['pool']>,
  options: CallOptions,
): Promise<void> => ensureDirectory(daemon, pool, true, options);

/**
 * The same for a directory of devices, through which libvirt sees what PowerFlex maps to the host; it must be there.
 * Errors: `REQUEST.INVALID` for a pool of this name that is another directory.
 */
export async function ensureDevices(
  daemon: Daemon,
  { pool: name, deviceDirectory: path = DEVICES }: PowerFlexOptions,
  options: CallOptions,
): Promise<void> {
  await ensureDirectory(daemon, { name, path }, false, options);
  const about = { what: `Pool ${name}`, subject: name, reads: true };
  const xml = await daemon.call(about, options, async (connection, call) =>
    storagePoolGetXmlDesc(connection, await storagePoolLookupByName(connection, name, call), 0, call),
  );
  const { directory } = readPool(xml);
  if (directory === path) return;
  const message = `Pool ${name} is ${directory || 'no directory'}, not ${path}. Choose another name in option powerflex.`;
  throw new DriverError('REQUEST.INVALID', message, { subject: name });
}

async function ensureDirectory(
  daemon: Daemon,
  { name, path }: NonNullable<LibvirtDriverOptions['pool']>,
  build: boolean,
  options: CallOptions,
): Promise<void> {
  const ask = <T>(run: NativeCall<T>): Promise<T> => daemon.call({ what: `Pool ${name}`, subject: name }, options, run);
  const pool = await ask((connection, call) => storagePoolLookupByName(connection, name, call)).catch(
    (error: unknown) => {
      if (isDriverError(error, 'POOL.NOT_FOUND')) return ask(define);
      throw error;
    },
  );
  if ((await ask((connection, call) => storagePoolIsActive(connection, pool, call))) === 1) return;
  await ask((connection, call) => storagePoolCreate(connection, pool, 0, call));

  async function define(...[connection, call]: Parameters<NativeCall<StoragePool>>): Promise<StoragePool> {
    const xml = toXml(
      tree('pool', { type: 'dir' }, tree('name', {}, name), tree('target', {}, tree('path', {}, path))),
    );
    const made = await storagePoolDefineXml(connection, xml, 0, call);
    if (build) await storagePoolBuild(connection, made, 0, call);
    await storagePoolSetAutostart(connection, made, 1, call);
    return made;
  }
}
