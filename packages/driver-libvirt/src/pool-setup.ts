import { isDriverError, type CallOptions } from '@virt-drivers/core';
import {
  storagePoolBuild,
  storagePoolCreate,
  storagePoolDefineXml,
  storagePoolIsActive,
  storagePoolLookupByName,
  storagePoolSetAutostart,
  type StoragePool,
} from '@virt-drivers/libvirt';
import type { Daemon, NativeCall } from './connection.js';
import { toXml, tree } from './convert/xml.js';
import type { LibvirtDriverOptions } from './options.js';

/** Defines and starts the pool that the options name; one that is there is only started. */
export async function ensurePool(
  daemon: Daemon,
  { name, path }: NonNullable<LibvirtDriverOptions['pool']>,
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
    await storagePoolBuild(connection, made, 0, call);
    await storagePoolSetAutostart(connection, made, 1, call);
    return made;
  }
}
