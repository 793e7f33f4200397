import { bytes, DriverError, isDriverError, poolId, Secret, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { StoragePoolState } from '@virt-drivers/libvirt';
import { readFile, stat } from 'node:fs/promises';
import type { PoolFigures } from '../convert/pool-xml.js';
import type { NativeVolume } from '../convert/volume-xml.js';
import { createGatewayHttp, type GatewayHttp } from '../powerflex/gateway-http.js';
import { createGatewaySession } from '../powerflex/gateway-session.js';
import { createGateway, type FlexVolume, type Gateway } from '../powerflex/gateway.js';
import { DEVICES, type PowerFlexOptions } from '../powerflex/powerflex-options.js';
import { deviceName, gatewayName, isBeingMade, volumeIdOf } from './powerflex-names.js';

/** What the gateway calls the things that the options name. */
export interface FlexIdentity {
  readonly systemId: string;
  readonly storagePoolId: string;
  readonly zeroPadding: boolean;
  /** The host's data client. */
  readonly clientId: string;
}

/** The pool that the options describe. Nothing is asked of the gateway before it is needed. */
export interface PowerFlexPool {
  readonly name: string;
  /** Where devices of mapped volumes appear on the host. */
  readonly directory: string;
  /** Volumes that this session uses, and how often: they stay mapped. */
  readonly holders: Map<string, number>;
  gateway(): Promise<Gateway>;
  /** Errors: `POOL.NOT_FOUND`, `HOST.NOT_FOUND`: the options name what is not there. */
  identity(options: CallOptions): Promise<FlexIdentity>;
  /** `unavailable` while the gateway is away, or does not know what the options name. */
  figures(options: CallOptions): Promise<PoolFigures>;
  list(options: CallOptions): Promise<readonly NativeVolume[]>;
  /** Errors: `VOLUME.NOT_FOUND`. */
  read(key: string, options: CallOptions): Promise<NativeVolume>;
  /** The volume of this name. */
  find(name: string, options: CallOptions): Promise<VolumeId | undefined>;
  /** Id at the gateway of a volume of this pool. Errors: `VOLUME.NOT_FOUND`. */
  volumeId(key: string, options: CallOptions): Promise<string>;
  /** Key of a volume, from its id at the gateway. */
  keyOf(volumeId: string, options: CallOptions): Promise<string>;
  close(): void;
}

/** How long a listing of pools waits for a gateway that is away. */
const FIGURES = { seconds: 5 } as const;

export function createPowerFlexPool(options: PowerFlexOptions): PowerFlexPool {
  const { pool: name, deviceDirectory: directory = DEVICES } = options;
  let http: GatewayHttp | undefined;
  let opened: Promise<Gateway> | undefined;
  let known: FlexIdentity | undefined;

  const open = async (): Promise<Gateway> => {
    const ca = options.caFile === undefined ? undefined : await readText(options.caFile, 'caFile');
    http = createGatewayHttp({ url: options.gateway, ...(ca === undefined ? {} : { ca }) });
    return createGateway(createGatewaySession(http, { user: options.user, password: () => passwordIn(options) }));
  };

  const gateway = (): Promise<Gateway> => {
    if (opened) return opened;
    const opening = open();
    opening.catch(() => (opened = undefined));
    return (opened = opening);
  };

  // Each of the first who ask reads it: one caller's deadline is none of another's.
  const identity = async (call: CallOptions): Promise<FlexIdentity> =>
    (known ??= await readIdentity(await gateway(), options, call));

  const toNative = ({ systemId }: FlexIdentity, volume: FlexVolume): NativeVolume => {
    const path = (id: string): string => `${directory}/${deviceName(systemId, id)}`;
    const { id, ancestorVolumeId, sizeInKb: sizeBytes, volumeType } = volume;
    return {
      fileName: deviceName(systemId, id),
      name: volume.name,
      kind: 'block',
      path: path(id),
      probedFormat: 'raw',
      capacityBytes: bytes(sizeBytes),
      allocatedBytes: bytes(sizeBytes),
      ...(volumeType === 'ThickProvisioned' ? {} : { allocationUntold: true }),
      ...(ancestorVolumeId ? { backing: { path: path(ancestorVolumeId), format: 'raw' } } : {}),
    };
  };

  const list: PowerFlexPool['list'] = async (call) => {
    const id = await identity(call);
    const volumes = await (await gateway()).volumes(id.storagePoolId, call);
    return volumes.filter((volume) => !isBeingMade(volume.name)).map((volume) => toNative(id, volume));
  };

  const volumeId: PowerFlexPool['volumeId'] = async (key, call) => {
    const found = volumeIdOf((await identity(call)).systemId, key);
    if (found !== undefined) return found;
    throw new DriverError('VOLUME.NOT_FOUND', `Volume ${key} is none of pool ${name}.`, { subject: key });
  };

  return {
    name,
    directory,
    holders: new Map(),
    gateway,
    identity,
    list,
    volumeId,
    async figures(call) {
      const soon = deadlineIn(FIGURES);
      const bounded = call.deadline && call.deadline < soon ? call : { ...call, deadline: soon };
      try {
        const { storagePoolId } = await identity(bounded);
        const { maxCapacityInKb: capacity, capacityAvailableForVolumeAllocationInKb: available } = await (
          await gateway()
        ).statistics(storagePoolId, bounded);
        return { state: StoragePoolState.Running, capacity, available };
      } catch (error) {
        // Whatever is wrong, using the pool tells it; looking at all pools must not fail for it.
        const own = isDriverError(error, 'CALL.DEADLINE_EXCEEDED') && bounded !== call;
        if (!isDriverError(error) || (!own && isDriverError(error, 'CALL.CANCELLED', 'CALL.DEADLINE_EXCEEDED')))
          throw error;
        return { state: StoragePoolState.Inactive, capacity: 0n, available: 0n };
      }
    },
    async read(key, call) {
      const id = await identity(call);
      const volume = await (await gateway()).volume(await volumeId(key, call), call);
      if (volume.storagePoolId === id.storagePoolId) return toNative(id, volume);
      throw new DriverError('VOLUME.NOT_FOUND', `Volume ${key} is in another storage pool than pool ${name}.`, {
        subject: key,
      });
    },
    async find(wanted, call) {
      const found = (await list(call)).find((volume) => volume.name === gatewayName(wanted));
      return found && { pool: poolId(name), key: found.fileName };
    },
    keyOf: async (id, call) => deviceName((await identity(call)).systemId, id),
    close: () => http?.close(),
  };
}

async function readIdentity(gateway: Gateway, options: PowerFlexOptions, call: CallOptions): Promise<FlexIdentity> {
  const { protectionDomain, storagePool, dataClient, pool } = options;
  const [systemId, found, clients] = await Promise.all([
    gateway.systemId(call),
    gateway.storagePool(protectionDomain, storagePool, call),
    gateway.clients(call),
  ]);
  if (!found) {
    const message = `Pool ${pool} is to be storage pool ${storagePool} of protection domain ${protectionDomain}, which is not there.`;
    throw new DriverError('POOL.NOT_FOUND', message, { subject: pool });
  }
  const wanted = dataClient.toLowerCase();
  const client = clients.find(({ id, sdcGuid }) => id.toLowerCase() === wanted || sdcGuid.toLowerCase() === wanted);
  if (!client) {
    const message = `Data client ${dataClient} is not known to the PowerFlex system of pool ${pool}; install it on the host, or correct the option.`;
    throw new DriverError('HOST.NOT_FOUND', message, { subject: dataClient });
  }
  return { systemId, storagePoolId: found.id, zeroPadding: found.zeroPaddingEnabled, clientId: client.id };
}

/** Errors: `REQUEST.INVALID` for a file that cannot be read, or that others can. */
async function passwordIn({ passwordFile }: PowerFlexOptions): Promise<Secret> {
  const text = await readText(passwordFile, 'passwordFile');
  const { mode } = await stat(passwordFile);
  // Windows knows no such bits.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new DriverError('REQUEST.INVALID', `File ${passwordFile} may be read by others; take that away (chmod 600).`);
  return new Secret(text.replace(/\r?\n$/, ''));
}

async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const message = `File ${file} of option powerflex.${option} cannot be read.`;
    throw new DriverError('REQUEST.INVALID', message, { cause });
  }
}
