import { randomUUID } from 'node:crypto';
import { DriverError, poolId, type HostId, type MigrationPlan, type VolumeId } from '@virt-drivers/core';
import { destinationOf, type Departure } from './departure.js';
import { findHost, findPool, findVolume, checkNetwork } from './find.js';
import { addLayer } from './layers.js';
import { addVolume, checkNewVolume } from './new-volume.js';
import type { Scene } from './scene.js';
import { checkRoom } from './space.js';
import type { ReservationState } from './state.js';
import { freeMemory } from './turn-on.js';

const TICKET_MILLISECONDS = 3_600_000;

const incompatible = (message: string): DriverError => new DriverError('MIGRATION.INCOMPATIBLE', message);

/** The pools that the machine needs on its new host. */
function poolsAfter(scene: Scene, plan: MigrationPlan, departure: Departure): readonly string[] {
  return departure.disks.map(({ id, volume }) => {
    const target = destinationOf(plan, id);
    if (target) return findPool(scene, target.pool).id;
    if (departure.endpoint === scene.state.endpointId) return volume.pool;
    throw incompatible(
      `Disk ${id} stays in pool ${volume.pool}, which this endpoint does not see; name a pool for it.`,
    );
  });
}

/** The host that was asked for, or another one that has room; it reaches all pools. */
function chooseHost(scene: Scene, plan: MigrationPlan, departure: Departure): HostId {
  const pools = poolsAfter(scene, plan, departure);
  const isHere = departure.endpoint === scene.state.endpointId;
  const candidates =
    plan.host === undefined
      ? scene.state.hosts.filter(({ id }) => !isHere || id !== departure.host)
      : [findHost(scene, plan.host)];
  const ready = candidates.filter(({ state }) => state === 'ready');
  if (ready.length === 0) throw incompatible('No host is ready to take the machine; put one into service.');
  const reaching = ready.filter(({ id }) =>
    pools.every((pool) => scene.state.pools.some((one) => one.id === pool && one.hosts.includes(id))),
  );
  if (reaching.length === 0) throw incompatible('No host reaches all pools of the machine; name pools for its disks.');
  const host = reaching.find(({ id }) => freeMemory(scene, id) >= departure.memoryBytes);
  if (host) return host.id;
  throw new DriverError(
    'HOST.NOT_ENOUGH_RESOURCES',
    `No host has ${departure.memoryBytes} bytes of memory left for the machine.`,
  );
}

function checkNics(scene: Scene, plan: MigrationPlan, { nics }: Departure, host: HostId): void {
  for (const { id, network } of nics)
    checkNetwork(scene, host, plan.nics?.find(({ nic }) => nic === id)?.network ?? network);
}

/** Disks for which room must be made, with the names of their new volumes. */
function newVolumes(plan: MigrationPlan, departure: Departure) {
  return departure.disks.flatMap((disk) => {
    const target = destinationOf(plan, disk.id);
    if (!target || target.volume) return [];
    const request = {
      pool: poolId(target.pool),
      name: `${disk.name}.${randomUUID().slice(0, 8)}`,
      format: disk.format,
    };
    return [{ disk, request }];
  });
}

/** Makes room for the machine, or throws before anything has changed. */
export function reserve(scene: Scene, plan: MigrationPlan, departure: Departure): ReservationState {
  const host = chooseHost(scene, plan, departure);
  checkNics(scene, plan, departure, host);
  const wanted = newVolumes(plan, departure);
  for (const { disk, request } of wanted) {
    checkNewVolume(scene, request);
    checkRoom(scene, request.pool, 0n, disk.sizeBytes);
  }
  const given = (plan.disks ?? []).flatMap(({ disk, volume }) =>
    volume ? [[disk, findVolume(scene, volume).id] as const] : [],
  );
  const made = wanted.map(({ disk, request }): readonly [string, VolumeId] => {
    const { id } = addVolume(scene, request, {
      format: request.format,
      sizeBytes: disk.sizeBytes,
      layer: addLayer(scene).id,
    });
    return [disk.id, id];
  });
  const reservation: ReservationState = {
    id: randomUUID(),
    plan,
    host,
    volumes: Object.fromEntries([...given, ...made]),
    made: made.map(([, id]) => id),
    expiresAt: new Date(scene.now.getTime() + TICKET_MILLISECONDS),
  };
  scene.state.reservations[reservation.id] = reservation;
  return reservation;
}
