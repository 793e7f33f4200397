import type { CallOptions } from '@virt-drivers/core';
import type { Reference } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';
import type { Inventory } from './inventory.js';

/** Below which objects machines and hosts are listed: everything, or the datacenter of the target. */
export async function listingSources(
  center: Center,
  inventory: Inventory,
  options: CallOptions,
): Promise<readonly Reference[]> {
  const { only } = inventory;
  if (only === undefined) return [center.content.rootFolder];
  return (await inventory.datacenters(options)).map(({ ref }) => ref);
}
