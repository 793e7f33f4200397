import { DriverError, isDriverError, type CallOptions, type MachineId, type VolumeId } from '@virt-drivers/core';
import { deadlineIn, remaining, retryWhile, withUndo } from '@virt-drivers/core/kit';
import { storageVolGetXmlDesc } from '@virt-drivers/libvirt';
import { readLength } from '../convert/volume-xml.js';
import type { FlexVolume } from '../powerflex/gateway.js';
import type { LibvirtSession } from '../session.js';
import { aboutVolume, volumeOf } from './files.js';
import type { PowerFlexPool } from './powerflex-pool.js';

/*
 * A volume of PowerFlex is there for a host while it is mapped to that host's data client. It is mapped here exactly while
 * a machine has it as a disk, and while its bytes are read or written; to two hosts at a time never.
 */

/** How long a device may take to appear, or to have its new size. */
const APPEARING_MILLISECONDS = 30_000;

/** Runs work for which the host has to have these volumes; those of other pools always are there. */
type WorkOnVolumes = <T>(
  session: LibvirtSession,
  ids: readonly VolumeId[],
  options: CallOptions,
  work: () => Promise<T>,
) => Promise<T>;

/** Ends the use of the volumes with the work. */
export const withVolumes: WorkOnVolumes = async (session, ids, options, work) => {
  const result = await holding(session, ids, options, work);
  const ends = await Promise.allSettled(ids.map((id) => letGo(session, id, options)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return result;
};

/** For work that gives the volumes to a machine, which has them from then on; after an error they are let go. */
export const givingVolumes: WorkOnVolumes = async (session, ids, options, work) => {
  const result = await holding(session, ids, options, work);
  for (const id of ids) dropHold(session, id);
  return result;
};

const holding: WorkOnVolumes = (session, ids, options, work) =>
  withUndo(async (undo) => {
    for (const id of ids) {
      undo.push(`mapping of volume ${id.key}`, (own) => letGo(session, id, own));
      await hold(session, id, options);
    }
    return work();
  });

/** Counts a use of the volume, and has the host see it. Whatever the outcome, `letGo` must follow. */
export async function hold(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  const pool = session.powerflex(id.pool);
  if (!pool) return;
  pool.holders.set(id.key, (pool.holders.get(id.key) ?? 0) + 1);
  await session.locks.run(lockOf(id), options, () => mapHere(session, pool, id, options));
}

/** Ends a use; with the last one, the volume is taken from the host unless a machine has it. */
export async function letGo(session: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> {
  dropHold(session, id);
  await unmapUnused(session, id, options);
}

function dropHold(session: LibvirtSession, { pool, key }: VolumeId): void {
  const holders = session.powerflex(pool)?.holders;
  const left = (holders?.get(key) ?? 1) - 1;
  if (left > 0) holders?.set(key, left);
  else holders?.delete(key);
}

/**
 * Takes a volume from the host that nothing here uses, but perhaps a machine that is about to go. One of another pool, or
 * that is gone, is no error.
 */
export async function unmapUnused(
  session: LibvirtSession,
  id: VolumeId,
  options: CallOptions,
  going?: MachineId,
): Promise<void> {
  const pool = session.powerflex(id.pool);
  if (!pool) return;
  await session.locks.run(lockOf(id), options, async () => {
    if (pool.holders.has(id.key)) return;
    if ((await session.attachments(options)).of(id).some(({ machine }) => machine !== going)) return;
    try {
      await unmapHere(pool, await pool.volumeId(id.key, options), options);
    } catch (error) {
      if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
    }
  });
}

/** Takes the volume from this host's client, after a check of who has it. Errors: `VOLUME.NOT_FOUND`. */
export async function unmapHere(
  pool: PowerFlexPool,
  volumeId: string,
  options: CallOptions,
  check: (volume: FlexVolume, clientId: string) => void = () => undefined,
): Promise<void> {
  const [gateway, { clientId }] = await Promise.all([pool.gateway(), pool.identity(options)]);
  const volume = await gateway.volume(volumeId, options);
  check(volume, clientId);
  if (mappedTo(volume, clientId)) await gateway.unmap(volumeId, clientId, options);
}

/** Resolves when the host has the device with at least this size. Errors: `POOL.UNAVAILABLE`. */
export async function deviceThere(
  session: LibvirtSession,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const pool = await session.pools.find(id.pool, options);
  // Gives up before the caller must, who then learns more than that it took too long.
  const left = remaining(options.deadline) * 0.8;
  const deadline = deadlineIn({ milliseconds: Math.min(APPEARING_MILLISECONDS, left) });
  await retryWhile(
    { ...options, deadline },
    async (call) => {
      // libvirt tells nobody of new devices: it looks at the directory when it is told to.
      await session.pools.refresh(pool, call);
      if ((await sizeAtHost(session, id, call)) < sizeBytes) throw notThere(id);
    },
    {
      when: (error) => isDriverError(error, 'POOL.UNAVAILABLE'),
      backoff: { initial: { milliseconds: 100 }, cap: { seconds: 2 } },
    },
  ).catch((error: unknown) => {
    throw isDriverError(error, 'CALL.DEADLINE_EXCEEDED') ? notThere(id) : error;
  });
}

async function mapHere(
  session: LibvirtSession,
  pool: PowerFlexPool,
  id: VolumeId,
  options: CallOptions,
): Promise<void> {
  const [gateway, { clientId }] = await Promise.all([pool.gateway(), pool.identity(options)]);
  const volumeId = await pool.volumeId(id.key, options);
  const volume = await gateway.volume(volumeId, options);
  refuseElsewhere(volume, clientId);
  if (!mappedTo(volume, clientId)) {
    try {
      await gateway.map(volumeId, clientId, options);
    } catch (error) {
      // Another host may have been faster.
      refuseElsewhere(await gateway.volume(volumeId, options), clientId);
      throw error;
    }
  }
  await deviceThere(session, id, volume.sizeInKb, options);
}

/** What libvirt takes the size of the device for; -1 for one that it does not see. */
async function sizeAtHost({ daemon }: LibvirtSession, id: VolumeId, options: CallOptions): Promise<bigint> {
  try {
    const xml = await daemon.call({ ...aboutVolume(id), reads: true }, options, (connection, call) =>
      storageVolGetXmlDesc(connection, volumeOf(id), 0, call),
    );
    return readLength(xml);
  } catch (error) {
    if (isDriverError(error, 'VOLUME.NOT_FOUND')) return -1n;
    throw error;
  }
}

const mappedTo = ({ mappedSdcInfo }: FlexVolume, clientId: string): boolean =>
  (mappedSdcInfo ?? []).some(({ sdcId }) => sdcId === clientId);

/** Errors: `VOLUME.IN_USE`. */
export function refuseElsewhere({ id, mappedSdcInfo }: FlexVolume, clientId: string): void {
  const other = (mappedSdcInfo ?? []).find(({ sdcId }) => sdcId !== clientId);
  if (!other) return;
  const heldBy = other.sdcName || other.sdcIp || other.sdcId;
  const message = `Volume ${id} is mapped to host ${heldBy}. Detach it there, or unmap it, first.`;
  throw new DriverError('VOLUME.IN_USE', message, { subject: id, heldBy });
}

const notThere = ({ key }: VolumeId): DriverError =>
  new DriverError(
    'POOL.UNAVAILABLE',
    `Volume ${key} is mapped to the host, which does not see it. Look whether the data client (scini) runs there and is connected.`,
    { subject: key },
  );

const lockOf = ({ pool, key }: VolumeId): string => `device ${pool}/${key}`;
