import type { CallOptions, Host, NetworkId, OpenDriver, Pool } from '@virt-drivers/core';

/** What a person may choose; everything else is the first that fits. */
export interface PlaceChoice {
  readonly pool?: string;
  readonly network?: string;
}

/** Where the cases work. */
export interface Place {
  readonly host: Host;
  readonly pool: Pool;
  /** All networks of the host, the chosen one first. */
  readonly networks: readonly NetworkId[];
}

function only<T extends { readonly name: string }>(
  what: string,
  items: readonly T[],
  name: string | undefined,
): readonly T[] {
  if (name === undefined) return items;
  const chosen = items.filter((item) => item.name === name);
  if (chosen.length > 0) return [...chosen, ...items.filter((item) => item.name !== name)];
  const there = items.map((item) => item.name).join(', ') || 'none';
  throw new Error(`The endpoint has no ${what} named ${name}; it has: ${there}.`);
}

/** Chooses host, pool and network on an endpoint. */
export async function choosePlace(driver: OpenDriver, choice: PlaceChoice, call: CallOptions): Promise<Place> {
  const hosts = await driver.hosts.list(call).all();
  const host = hosts.find(({ state }) => state === 'ready') ?? hosts[0];
  if (host === undefined)
    throw new Error(`The endpoint ${driver.target} lists no host; hosts/list-is-not-empty explains the rule.`);
  const pools = await driver.volumes.pools(call).all();
  const ready = pools.filter((pool) => pool.state === 'ready' && pool.hosts.includes(host.id));
  const pool = only('ready pool', ready, choice.pool)[0];
  if (pool === undefined)
    throw new Error(`Host ${host.name} reaches no pool that is ready; make one, the cases need a place for volumes.`);
  const { networks } = await driver.hosts.inventory(host.id, call);
  return { host, pool, networks: only('network', networks, choice.network).map(({ id }) => id) };
}
