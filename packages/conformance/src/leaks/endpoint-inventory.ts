import type { CallOptions, MachineId, OpenDriver, PoolId, VolumeId } from '@virt-drivers/core';

/** The machines and volumes of one run that are on the endpoint now. */
export interface EndpointInventory {
  readonly machines: ReadonlyMap<MachineId, string>;
  readonly volumes: ReadonlyMap<string, { readonly id: VolumeId; readonly name: string }>;
}

/** Looks for everything that carries the run's prefix in its name, so that others may use the endpoint meanwhile. */
export async function takeInventory(
  driver: OpenDriver,
  pool: PoolId,
  prefix: string,
  call: CallOptions,
): Promise<EndpointInventory> {
  const machines = new Map<MachineId, string>();
  for await (const { id, name } of driver.machines.list(undefined, call))
    if (name.includes(prefix)) machines.set(id, name);
  const volumes = new Map<string, { id: VolumeId; name: string }>();
  for await (const { id, name } of driver.volumes.list(pool, call))
    if (name.includes(prefix)) volumes.set(id.key, { id, name });
  return { machines, volumes };
}

/** What is there now and was not before. */
export interface Leak {
  readonly machines: readonly { readonly id: MachineId; readonly name: string }[];
  readonly volumes: readonly { readonly id: VolumeId; readonly name: string }[];
}

/** Compares two inventories. */
export function leakBetween(before: EndpointInventory, after: EndpointInventory): Leak {
  return {
    machines: [...after.machines].filter(([id]) => !before.machines.has(id)).map(([id, name]) => ({ id, name })),
    volumes: [...after.volumes].filter(([key]) => !before.volumes.has(key)).map(([, volume]) => volume),
  };
}

/** Removes what leaked, as well as it goes, so that later cases start clean. */
export async function removeLeak(driver: OpenDriver, leak: Leak, call: CallOptions): Promise<void> {
  for (const { id } of leak.machines) await driver.machines.delete(id, { kill: true }, call).catch(() => undefined);
  for (const { id } of leak.volumes) await driver.volumes.delete(id, call).catch(() => undefined);
}
