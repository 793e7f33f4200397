import { isDriverError, type CallOptions } from '@virt-drivers/core';
import type * as v from 'valibot';
import { ALREADY_MAPPED, NOT_MAPPED } from './gateway-errors.js';
import {
  clientsSchema,
  domainsSchema,
  madeSchema,
  nothingSchema,
  snapshotsSchema,
  statisticsSchema,
  storagePoolsSchema,
  systemsSchema,
  volumeSchema,
  volumesSchema,
} from './gateway-schemas.js';
import type { GatewaySession } from './gateway-session.js';

/** A volume as the gateway tells it. */
export type FlexVolume = v.InferOutput<typeof volumeSchema>;
/** A host that maps volumes, by its data client. */
export type FlexClient = v.InferOutput<typeof clientsSchema>[number];
export type FlexStoragePool = v.InferOutput<typeof storagePoolsSchema>[number];
/** `maxCapacityInKb` and its like are in bytes after they were read. */
export type FlexStatistics = v.InferOutput<typeof statisticsSchema>;

export interface NewFlexVolume {
  readonly name: string;
  readonly storagePoolId: string;
  readonly sizeBytes: bigint;
  readonly thick: boolean;
}

/**
 * What this driver calls of PowerFlex's REST gateway, releases 2 and 3 (and the same paths of later ones behind a login
 * by user and password). Errors of all: `POOL.UNAVAILABLE` (away), `ACCESS.UNAUTHENTICATED`, `ACCESS.DENIED`,
 * `CALL.DEADLINE_EXCEEDED`, `CALL.CANCELLED`, `HOST.FAILED`; of those about a volume: `VOLUME.NOT_FOUND`.
 */
export interface Gateway {
  /** Id of the system, which is that of its management in the names of devices. */
  systemId(options: CallOptions): Promise<string>;
  /** Undefined where the domain has no pool of this name, or is not there. */
  storagePool(domain: string, pool: string, options: CallOptions): Promise<FlexStoragePool | undefined>;
  statistics(storagePoolId: string, options: CallOptions): Promise<FlexStatistics>;
  clients(options: CallOptions): Promise<readonly FlexClient[]>;
  volumes(storagePoolId: string, options: CallOptions): Promise<readonly FlexVolume[]>;
  volume(id: string, options: CallOptions): Promise<FlexVolume>;
  /** Resolves to the new volume's id. The size is a multiple of 8 GiB. Errors: `VOLUME.EXISTS`, `POOL.FULL`. */
  create(volume: NewFlexVolume, options: CallOptions): Promise<string>;
  /** A volume that continues another one, copy on write; resolves to its id. Errors: `VOLUME.EXISTS`, `POOL.FULL`. */
  snapshot(systemId: string, volumeId: string, name: string, options: CallOptions): Promise<string>;
  /** Errors: `VOLUME.EXISTS`. */
  rename(id: string, name: string, options: CallOptions): Promise<void>;
  /** To a multiple of 8 GiB. Errors: `VOLUME.CANNOT_SHRINK`, `POOL.FULL`. */
  resize(id: string, sizeBytes: bigint, options: CallOptions): Promise<void>;
  /** Gives the volume to one host alone; may be repeated. Errors: `VOLUME.IN_USE` and others where another one has it. */
  map(id: string, client: string, options: CallOptions): Promise<void>;
  /** Takes the volume from a host; may be repeated. */
  unmap(id: string, client: string, options: CallOptions): Promise<void>;
  /**
   * Removes one volume, and none that continues it; may be repeated, and then finds it gone: `VOLUME.NOT_FOUND`.
   * Errors: `VOLUME.IN_USE` while a host has it, `VOLUME.BUSY`.
   */
  remove(id: string, options: CallOptions): Promise<void>;
}

const GIB = 1n << 30n;

export function createGateway({ get, post, postAgain }: GatewaySession): Gateway {
  const aboutVolume = (id: string) => ({ what: `Volume ${id}`, subject: id });
  const pathOf = (id: string, action: string): string => `/api/instances/Volume::${id}/action/${action}`;
  const act = (id: string, action: string, body: object, options: CallOptions): Promise<unknown> =>
    post(pathOf(id, action), body, nothingSchema, aboutVolume(id), options);
  const actAgain = (id: string, action: string, body: object, options: CallOptions): Promise<void> =>
    postAgain(pathOf(id, action), body, aboutVolume(id), options);

  return {
    async systemId(options) {
      const [system] = await get('/api/types/System/instances', systemsSchema, { what: 'System' }, options);
      return system?.id ?? '';
    },
    async storagePool(domain, pool, options) {
      const about = { what: `Protection domain ${domain}`, subject: domain };
      const domains = await get('/api/types/ProtectionDomain/instances', domainsSchema, about, options);
      const found = domains.find(({ name }) => name === domain);
      if (!found) return undefined;
      const path = `/api/instances/ProtectionDomain::${found.id}/relationships/StoragePool`;
      return (await get(path, storagePoolsSchema, about, options)).find(({ name }) => name === pool);
    },
    statistics: (id, options) =>
      get(
        `/api/instances/StoragePool::${id}/relationships/Statistics`,
        statisticsSchema,
        { what: `Storage pool ${id}`, subject: id },
        options,
      ),
    clients: (options) => get('/api/types/Sdc/instances', clientsSchema, { what: 'Hosts of the system' }, options),
    volumes: (id, options) =>
      get(
        `/api/instances/StoragePool::${id}/relationships/Volume`,
        volumesSchema,
        { what: `Storage pool ${id}`, subject: id },
        options,
      ),
    volume: (id, options) => get(`/api/instances/Volume::${id}`, volumeSchema, aboutVolume(id), options),
    async create({ name, storagePoolId, sizeBytes, thick }, options) {
      const body = {
        name,
        storagePoolId,
        volumeSizeInKb: String(sizeBytes / 1024n),
        volumeType: thick ? 'ThickProvisioned' : 'ThinProvisioned',
      };
      const about = { what: `Volume ${name}`, subject: name };
      return (await post('/api/types/Volume/instances', body, madeSchema, about, options)).id;
    },
    async snapshot(systemId, volumeId, name, options) {
      const path = `/api/instances/System::${systemId}/action/snapshotVolumes`;
      const body = { snapshotDefs: [{ volumeId, snapshotName: name }] };
      const [made = ''] = (await post(path, body, snapshotsSchema, aboutVolume(volumeId), options)).volumeIdList;
      return made;
    },
    async rename(id, newName, options) {
      await act(id, 'setVolumeName', { newName }, options);
    },
    async resize(id, sizeBytes, options) {
      await act(id, 'setVolumeSize', { sizeInGB: String(sizeBytes / GIB) }, options);
    },
    async map(id, sdcId, options) {
      const body = { sdcId, allowMultipleMappings: 'FALSE' };
      await actAgain(id, 'addMappedSdc', body, options).catch(unless(ALREADY_MAPPED));
    },
    async unmap(id, sdcId, options) {
      await actAgain(id, 'removeMappedSdc', { sdcId }, options).catch(unless(NOT_MAPPED));
    },
    async remove(id, options) {
      await actAgain(id, 'removeVolume', { removeMode: 'ONLY_ME' }, options);
    },
  };
}

/** The same is so already: what was asked for is done. */
const unless =
  (code: string) =>
  (error: unknown): void => {
    if (!isDriverError(error) || error.native?.code !== code) throw error;
  };
