import { DriverError, type CallOptions, type HostId } from '@virt-drivers/core';
import type { Datastore } from '../inventory.js';
import { readPlaces, type Place } from '../places.js';
import type { VmwareSession } from '../session.js';

/** What a machine that moves needs to find where it goes. */
export interface Wish {
  /** Where it shall run; chosen when absent. */
  readonly host?: HostId | undefined;
  /** Where it runs now. */
  readonly from: string;
  readonly memoryBytes: bigint;
  /** Datastores that its files will be on. */
  readonly datastores: readonly Datastore[];
  readonly networks: readonly string[];
}

/** Finds the place for a machine. Errors: `HOST.NOT_FOUND`, `HOST.WRONG_STATE`, `HOST.NOT_ENOUGH_RESOURCES`. */
export async function findDestination(session: VmwareSession, wish: Wish, options: CallOptions): Promise<Place> {
  const places = await readPlaces(session, options);
  const place = wish.host === undefined ? chooseDestination(places, wish) : places.find(({ id }) => id === wish.host);
  if (!place) {
    if (wish.host !== undefined)
      throw new DriverError('HOST.NOT_FOUND', `Host ${wish.host} is not there.`, { subject: wish.host });
    throw new DriverError(
      'HOST.NOT_ENOUGH_RESOURCES',
      `Host to move to: no other is ready, has memory enough, and reaches the datastores and networks.`,
    );
  }
  if (place.state !== 'ready')
    throw new DriverError('HOST.WRONG_STATE', `Host ${place.name} is in state ${place.state}. Choose another.`, {
      subject: place.id,
    });
  if (place.memoryBytes > 0n && place.memoryBytes < wish.memoryBytes)
    throw new DriverError(
      'HOST.NOT_ENOUGH_RESOURCES',
      `Host ${place.name} has ${place.memoryBytes} bytes of memory, not the ${wish.memoryBytes} of the machine.`,
      { subject: place.id },
    );
  return place;
}

/** The freest host that takes it, of the same cluster if there is one. Pure. */
export function chooseDestination(places: readonly Place[], wish: Wish): Place | undefined {
  const from = places.find(({ id }) => id === wish.from);
  const free = ({ memoryBytes, memoryUsedBytes }: Place): bigint => memoryBytes - memoryUsedBytes;
  const near = (place: Place): number =>
    Number(from?.clusterName !== undefined && place.clusterName === from.clusterName);
  const [best] = places
    .filter((place) => place.host && place.id !== wish.from && place.state === 'ready')
    .filter((place) => free(place) >= wish.memoryBytes && reaches(place, wish))
    .sort((a, b) => near(b) - near(a) || (free(b) > free(a) ? 1 : -1));
  return best;
}

/** True when the place sees all datastores and networks. */
export const reaches = (place: Place, { datastores, networks }: Pick<Wish, 'datastores' | 'networks'>): boolean =>
  datastores.every(({ id }) => has(place.datastores, id)) && networks.every((id) => has(place.networks, id));

const has = (refs: Place['datastores'], id: string): boolean => refs.some(({ value }) => value === id);
