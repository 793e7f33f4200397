import { DriverError, type CallOptions, type HostId } from '@virt-drivers/core';
import type { Reference } from '@virt-drivers/vsphere';
import type { Datacenter, Datastore } from './inventory.js';
import { readPlaces, type Place } from './places.js';
import { unescapeName } from './convert/native-name.js';
import type { VmwareSession } from './session.js';

/** Where a new machine goes. */
export interface Placement {
  readonly datacenter: Datacenter;
  readonly folder: Reference<'Folder'>;
  readonly pool: Reference<'ResourcePool'>;
  /** Absent where a cluster's scheduler chooses. */
  readonly host?: Reference<'HostSystem'>;
  /** The cluster that was asked for. */
  readonly cluster?: HostId;
  /** The cluster whose scheduler decides about it, also where a host was asked for. */
  readonly scheduler?: Reference<'ClusterComputeResource'>;
  /** Where the machine's own files go. */
  readonly home: Datastore;
  /** Clock of the host's processors. */
  readonly cpuMegahertz?: number;
}

/** What a new machine needs of its place. */
export interface PlacementWish {
  readonly host?: HostId | undefined;
  /** Datastores that its disks are on. */
  readonly datastores: readonly Datastore[];
  readonly memoryBytes: bigint;
  /** Whether a cluster's scheduler must decide about it. */
  readonly scheduled?: boolean;
}

/** Chooses. Errors: `HOST.NOT_FOUND`, `HOST.WRONG_STATE`, `HOST.NOT_ENOUGH_RESOURCES`, `POOL.UNAVAILABLE`, `REQUEST.INVALID`. */
export async function choosePlacement(
  session: VmwareSession,
  wish: PlacementWish,
  options: CallOptions,
): Promise<Placement> {
  const places = await readPlaces(session, options);
  const fits = (place: Place): boolean =>
    wish.datastores.every(({ id }) => place.datastores.some(({ value }) => value === id));
  const place = wish.host === undefined ? firstThatFits(places, wish, fits) : named(places, wish.host);
  if (place.state !== 'ready') {
    throw new DriverError('HOST.WRONG_STATE', `Host ${place.name} is in state ${place.state}. Choose another.`, {
      subject: place.id,
    });
  }
  if (!fits(place)) {
    throw new DriverError('POOL.UNAVAILABLE', `Host ${place.name} does not reach all datastores of the disks.`, {
      subject: place.id,
    });
  }
  refuseTooMuchMemory(place, wish.memoryBytes);
  const { datacenter, host, cluster, scheduler } = place;
  return {
    datacenter,
    folder: await findFolder(session, datacenter, options),
    pool: await findPool(session, place.pool, options),
    home: wish.datastores[0] ?? (await chooseHome(session, place, options)),
    ...(host && { host }),
    ...(cluster && { cluster: place.id }),
    ...(scheduler && { scheduler }),
    ...(place.cpuMegahertz !== undefined && { cpuMegahertz: place.cpuMegahertz }),
  };
}

function named(places: readonly Place[], id: HostId): Place {
  const place = places.find((candidate) => candidate.id === id);
  if (place) return place;
  throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there.`, { subject: id });
}

function firstThatFits(places: readonly Place[], wish: PlacementWish, fits: (place: Place) => boolean): Place {
  const ready = places.filter(
    (place) => place.state === 'ready' && fits(place) && (!wish.scheduled || place.scheduler !== undefined),
  );
  const free = ({ memoryBytes, memoryUsedBytes }: Place): bigint => memoryBytes - memoryUsedBytes;
  const [best] = ready
    .filter(({ host, inCluster }) => host && !inCluster)
    .concat(ready.filter(({ cluster }) => cluster))
    .sort((a, b) => (free(b) > free(a) ? 1 : -1));
  const place = best ?? ready[0];
  if (place) return place;
  const why = wish.datastores.length === 0 ? '' : ' and reaches all datastores of the disks';
  throw new DriverError('HOST.NOT_ENOUGH_RESOURCES', `Host to run on: none is ready${why}.`);
}

function refuseTooMuchMemory({ name, id, memoryBytes }: Place, wanted: bigint): void {
  if (memoryBytes >= wanted || memoryBytes === 0n) return;
  throw new DriverError(
    'HOST.NOT_ENOUGH_RESOURCES',
    `Host ${name} has ${memoryBytes} bytes of memory, not the ${wanted} that were asked for.`,
    { subject: id },
  );
}

/** The most free one of the datastores that the place reaches. */
async function chooseHome(session: VmwareSession, place: Place, options: CallOptions): Promise<Datastore> {
  const among = (await session.inventory.datastores(options)).filter(({ id }) =>
    place.datastores.some(({ value }) => value === id),
  );
  let best: { readonly store: Datastore; readonly free: bigint } | undefined;
  const reading = session.center.stream({ what: 'Pools', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: among.map(({ ref }) => ref), type: 'Datastore', paths: ['summary'] }, call),
  );
  for await (const { ref, properties } of reading) {
    const store = among.find(({ id }) => id === ref.value);
    const { accessible = false, maintenanceMode = 'normal', freeSpace = 0n } = properties.summary ?? {};
    if (store && accessible && maintenanceMode === 'normal' && (!best || freeSpace > best.free))
      best = { store, free: freeSpace };
  }
  if (best) return best.store;
  throw new DriverError('POOL.UNAVAILABLE', `Host ${place.name} reaches no datastore that can be used.`, {
    subject: place.id,
  });
}

/** The folder for machines, as the options name it. Errors: `REQUEST.INVALID`. */
export const findFolder = (
  { center, options: { folder } }: VmwareSession,
  { vmFolder }: Datacenter,
  options: CallOptions,
) =>
  descend(vmFolder, folder, 'folder', async (parent, name) => {
    const about = { what: `Folder ${folder}`, reads: true };
    const reading = center.stream(about, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from: parent, type: 'Folder', paths: ['name'], recursive: false }, call),
    );
    for await (const { ref, properties } of reading)
      if (unescapeName(properties.name ?? '') === name) return { type: 'Folder', value: ref.value };
    return undefined;
  });

/** The resource pool below a place's own, as the options name it. Errors: `REQUEST.INVALID`. */
export const findPool = (
  { center, options: { resourcePool } }: VmwareSession,
  top: Reference<'ResourcePool'>,
  options: CallOptions,
) =>
  descend(top, resourcePool, 'resourcePool', async (parent, name) => {
    const about = { what: `Resource pool ${resourcePool}`, reads: true };
    const children = await center.call(about, options, (vsphere, call) =>
      vsphere.properties.get(parent, ['resourcePool'], call),
    );
    const from = children.resourcePool ?? [];
    const reading = center.stream(about, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'ResourcePool', paths: ['name'] }, call),
    );
    for await (const { ref, properties } of reading)
      if (unescapeName(properties.name ?? '') === name) return { type: 'ResourcePool', value: ref.value };
    return undefined;
  });

async function descend<T extends string>(
  top: Reference<T>,
  path: string | undefined,
  option: string,
  child: (parent: Reference<T>, name: string) => Promise<Reference<T> | undefined>,
): Promise<Reference<T>> {
  let at = top;
  for (const name of (path ?? '').split('/').filter((part) => part !== '')) {
    const next = await child(at, name);
    if (!next) throw new DriverError('REQUEST.INVALID', `Option ${option} names ${name}, which is not there.`);
    at = next;
  }
  return at;
}
