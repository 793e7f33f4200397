import { DriverError, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { restingRecord } from '../change/change-records.js';
import { hasVolume, keyOf, volumeOf } from '../change/disk-attachment.js';
import { removeVolume } from '../change/new-disks.js';
import { settleChange, type SettleOptions } from '../change/settle-change.js';
import { asRun } from '../flows/journal.js';
import type { ChangeRecord } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import { findInstance, takeOver, writeInstance, type StoredInstance } from '../instance/record-store.js';
import { arrivedDisks } from './arrived.js';
import { removeDeparted } from './cold.js';
import { migrationOf } from './move-steps.js';
import type { Sides } from './place-disks.js';

/** What became of a move that was interrupted. */
export type SettledMove = 'finished' | 'restored' | 'removed' | 'busy' | 'foreign';

interface Interrupted {
  readonly driver: OpenDriver;
  /** Other endpoints, which the other side may be one of. */
  readonly peers: readonly OpenDriver[];
  readonly instance: StoredInstance;
  readonly change: ChangeRecord;
  readonly options: SettleOptions;
}

/**
 * Ends a move that was interrupted, on the side that is looked at. The instance is where a committed record says; without
 * one it is where it came from. Errors: `HOST.UNREACHABLE` (the other side must be asked and is not among `peers`).
 */
export async function settleMove(move: Interrupted): Promise<SettledMove> {
  const { driver, instance, change } = move;
  const isHome = instance.record.endpointId === driver.endpointId;
  if (change.from && isHome) return change.stage === 'committed' ? finishHere(move) : removeCopy(move);
  if (instance.machine.busy) return 'busy';
  if (change.to && isHome)
    return change.to.endpointId === driver.endpointId ? settleWithin(move) : settleDeparture(move);
  return change.to?.endpointId === driver.endpointId ? adopt(move) : 'foreign';
}

/** What must happen may depend on the other side. */
function otherSide({ peers, instance }: Interrupted, endpointId: string): OpenDriver {
  const found = peers.find((peer) => peer.endpointId === endpointId);
  if (found) return found;
  const text = `Instance ${instance.instanceId} was moving, and the other side, endpoint ${endpointId}, must be asked; name it among the peers.`;
  throw new DriverError('HOST.UNREACHABLE', text, { subject: instance.instanceId });
}

/** The copy is the instance; the old machine goes if its endpoint can be reached, else when that one is reconciled. */
async function finishHere({ driver, peers, instance, change, options }: Interrupted): Promise<SettledMove> {
  const source = peers.find((peer) => peer.endpointId === change.from?.endpointId);
  if (source) {
    const old = await findInstance(source, instance.instanceId, options);
    if (old?.record.change?.to?.endpointId === driver.endpointId)
      await removeOld({ source, destination: driver }, old, instance.record.disks, options);
    for (const disk of change.loose ?? []) await removeVolume(source, disk, options);
  }
  await settleChange(driver, instance, { ...change, loose: [] }, options);
  return 'finished';
}

/** A copy that was never completed: the instance is still where it was. */
async function removeCopy({ driver, instance, change, options }: Interrupted): Promise<SettledMove> {
  await asRun('migrate', async (journal) => {
    const { machine, record } = await takeOver(driver, instance, { ...instance.record, journal }, options);
    if (machine.state !== 'stopped') await driver.power.kill(machine.id, options);
    for (const { id } of machine.disks) await driver.disks.detach(machine.id, id, options);
    for (const disk of record.change?.remove ?? change.remove) await removeVolume(driver, disk, options);
    await driver.machines.delete(machine.id, {}, options);
  });
  return 'removed';
}

/** Between hosts of one endpoint: the machine is on one of them, and tells itself what its disks are. */
async function settleWithin(move: Interrupted): Promise<SettledMove> {
  const { driver, instance, change, options } = move;
  const disks = await arrivedDisks(driver, instance.machine, instance.record, options);
  await asRun('migrate', async (journal) => {
    const claimed = await takeOver(driver, instance, { ...instance.record, journal }, options);
    const present = new Set(disks.map(keyOf));
    const isGone = (disk: DiskRecord): boolean => !present.has(keyOf(disk));
    const unused = (change.to?.volumes ?? []).filter(isGone);
    await takeBack(driver, { ...change, ...(change.to && { to: { ...change.to, volumes: unused } }) }, options);
    for (const disk of instance.record.disks.filter(isGone)) await removeVolume(driver, disk, options);
    await writeInstance(driver, claimed, restingRecord({ ...claimed.record, disks: [...disks] }), options);
  });
  return disks.every((disk, index) => disk.volumeName === instance.record.disks[index]?.volumeName)
    ? 'restored'
    : 'finished';
}

/** The side that it leaves: what the destination has decides. */
async function settleDeparture(move: Interrupted): Promise<SettledMove> {
  const { driver, instance, change, options } = move;
  const destination = otherSide(move, change.to?.endpointId ?? '');
  const copy = await findInstance(destination, instance.instanceId, options);
  if (copy && copy.record.endpointId !== destination.endpointId) return 'busy';
  if (copy?.record.phase === 'changing' && copy.record.change?.stage === 'forward') {
    await removeCopy({ ...move, driver: destination, instance: copy, change: copy.record.change });
  } else if (copy) {
    await removeOld({ source: driver, destination }, instance, copy.record.disks, options);
    return 'finished';
  }
  await takeBack(destination, change, options);
  await settleChange(driver, instance, change, options);
  return 'restored';
}

/** The side where it arrived with the record of where it was. */
async function adopt(move: Interrupted): Promise<SettledMove> {
  const { driver, peers, instance, options } = move;
  const from = instance.record.endpointId;
  const source =
    instance.machine.state === 'running' ? peers.find((peer) => peer.endpointId === from) : otherSide(move, from);
  if (source && (await source.machines.find({ recordOwner: instance.instanceId }, options))) return 'busy';
  const old = instance.record.disks;
  const disks = await arrivedDisks(driver, instance.machine, instance.record, options);
  await asRun('migrate', async (journal) => {
    const claimed = await takeOver(driver, instance, { ...instance.record, journal }, options);
    if (source) {
      const shared = await sharedPools({ source, destination: driver }, options);
      for (const disk of old.filter((one) => !isAmong(one, disks, shared))) await removeVolume(source, disk, options);
    }
    const record = restingRecord({ ...claimed.record, endpointId: driver.endpointId, disks: [...disks] });
    await writeInstance(driver, claimed, record, options);
  });
  return 'finished';
}

async function takeBack(destination: OpenDriver, { to }: ChangeRecord, options: CallOptions): Promise<void> {
  const ticket = to?.ticket;
  if (ticket) await migrationOf(destination).discard({ ...ticket, expiresAt: new Date(ticket.expiresAt) }, options);
  for (const disk of to?.volumes ?? []) await removeVolume(destination, { ...disk, owned: true }, options);
}

/** Volumes that the instance now has elsewhere are not touched. */
async function removeOld(
  sides: Sides,
  old: StoredInstance,
  now: readonly DiskRecord[],
  options: CallOptions,
): Promise<void> {
  const shared = await sharedPools(sides, options);
  await removeDeparted(sides.source, old, (disk) => !isAmong(disk, now, shared), options);
}

/** Whether a disk that was on one side has the very volume that a disk has on the other. */
function isAmong(disk: DiskRecord, others: readonly DiskRecord[], shared: ReadonlySet<string>): boolean {
  const volume = volumeOf(disk);
  return volume !== undefined && shared.has(volume.pool) && others.some((one) => hasVolume(one, volume));
}

/**
 * Pools whose volumes are the same on both sides. In others the copy of a volume may well have the id of the old one: hosts
 * name their pools alike, and a copy keeps its name.
 */
async function sharedPools({ source, destination }: Sides, options: CallOptions): Promise<ReadonlySet<string>> {
  const pools = await Promise.all([source, destination].map(({ volumes }) => volumes.pools(options).all()));
  return new Set(pools.flat().flatMap(({ id, shared }) => (shared ? [id] : [])));
}
