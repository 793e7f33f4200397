import { DriverError, type CallOptions, type DiskFormat, type NewVolume, type VolumeId } from '@virt-drivers/core';
import type { UndoStack } from '@virt-drivers/core/kit';
import type { VirtualMachineDefinedProfileSpec } from '@virt-drivers/vsphere';
import { fileName, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { aboutVolume, type FileFormat } from './volume-file.js';
import { makeFolder, pathOf, removeFolder } from './volume-folder.js';
import { policyOf } from './volume-policy.js';

/** Formats of volumes, the preferred one first. */
export const FORMATS: readonly FileFormat[] = ['vmdk', 'iso'];

/** Errors: `REQUEST.INVALID` for what a datastore cannot hold. */
export function checkFormat(format: DiskFormat): FileFormat {
  const known = FORMATS.find((one) => one === format);
  if (known) return known;
  throw new DriverError(
    'REQUEST.INVALID',
    `Format ${format} cannot be a volume here; datastores hold ${FORMATS.join(' and ')}.`,
  );
}

const KIBIBYTE = 1024n;
const MEBIBYTE = 1_048_576n;

/** Sizes are counted in KiB; one below 1 MiB is refused by hosts. */
export function wholeKibibytes(size: bigint): bigint {
  const whole = ((size + KIBIBYTE - 1n) / KIBIBYTE) * KIBIBYTE;
  return whole < MEBIBYTE ? MEBIBYTE : whole;
}

/** A volume that is being made. */
export interface BegunVolume {
  readonly id: VolumeId;
  readonly store: Datastore;
  /** What goes with everything that is made for it. */
  readonly profiles: readonly VirtualMachineDefinedProfileSpec[];
  /** Its own storage policy, by id. */
  readonly policy?: string;
  /** Somebody else was faster in the same folder: what is in it is not ours to remove. */
  leave(): void;
}

/** A volume that is being made: its folder is there, and goes when making it fails. */
export async function begin(
  session: VmwareSession,
  undo: UndoStack,
  volume: NewVolume,
  format: FileFormat,
  options: CallOptions,
): Promise<BegunVolume> {
  const store = await session.inventory.datastore(volume.pool, options);
  const id = { pool: volume.pool, key: pathOf(volume.name, format) };
  const { own: policy, profiles } = await policyOf(session, volume, format, store, options);
  await makeFolder(session, store, id, options);
  let ours = true;
  undo.push(`volume ${id.key}`, async (own) => {
    if (ours) await removeFolder(session, store, id, own);
  });
  return { id, store, profiles, ...(policy !== undefined && { policy }), leave: () => (ours = false) };
}

/** Errors: `POOL.FULL`, before anything is made; `POOL.UNAVAILABLE`. */
export async function refuseTooLarge(
  { center }: VmwareSession,
  store: Datastore,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const about = { what: `Pool ${store.id}`, subject: store.id, reads: true, notFound: 'POOL.NOT_FOUND' } as const;
  const { summary } = await center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(store.ref, ['summary'], call),
  );
  if (summary && !summary.accessible)
    throw new DriverError('POOL.UNAVAILABLE', `Pool ${store.id} is not accessible.`, { subject: store.id });
  if (!summary || sizeBytes <= summary.freeSpace) return;
  throw new DriverError(
    'POOL.FULL',
    `Pool ${store.id} has ${summary.freeSpace} bytes free, not the ${sizeBytes} that are needed.`,
    { subject: store.id },
  );
}

/** How a disk's space is set aside. */
export type DiskType = 'thin' | 'eagerZeroedThick';

/** A disk that is to be made, and what goes with it; that of the options when left out. */
export type NewDisk = Pick<BegunVolume, 'id' | 'store'> & Partial<Pick<BegunVolume, 'profiles'>>;

/** Makes a disk of zeros. */
export async function makeDisk(
  session: VmwareSession,
  { id, store, profiles }: NewDisk,
  sizeBytes: bigint,
  diskType: DiskType,
  options: CallOptions,
): Promise<void> {
  const manager = diskManager(session, id);
  const profile = profiles ?? (await session.policy.profiles(options));
  const spec = {
    $type: 'FileBackedVirtualDiskSpec',
    diskType,
    adapterType: 'lsiLogic',
    capacityKb: sizeBytes / KIBIBYTE,
    ...(profile.length > 0 && { profile }),
  } as const;
  const request = { name: fileName(store, id.key), datacenter: store.datacenter.ref, spec };
  await session.runTask({ ...aboutVolume(id), within: { minutes: 60 } }, options, (vsphere, call) =>
    vsphere.invoke(manager, 'CreateVirtualDisk_Task', request, call),
  );
}

/** Makes a stored disk larger. */
export async function growDisk(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const manager = diskManager(session, id);
  const request = {
    name: fileName(store, id.key),
    datacenter: store.datacenter.ref,
    newCapacityKb: sizeBytes / KIBIBYTE,
    eagerZero: false,
  };
  await session.runTask({ ...aboutVolume(id), within: { minutes: 60 } }, options, (vsphere, call) =>
    vsphere.invoke(manager, 'ExtendVirtualDisk_Task', request, call),
  );
}

/** The server's manager of disks. Errors: `CAPABILITY.ABSENT`. */
export function diskManager({ center }: VmwareSession, { key }: VolumeId) {
  const { virtualDiskManager } = center.content;
  if (virtualDiskManager) return virtualDiskManager;
  throw new DriverError('CAPABILITY.ABSENT', `Volume ${key} is on an endpoint without a disk manager.`, {
    subject: key,
  });
}

/** Bytes of zeros, for files that are no disks. */
export async function* zeros(length: bigint): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(65_536);
  for (let left = length; left > 0n; left -= BigInt(chunk.length))
    yield left < BigInt(chunk.length) ? chunk.subarray(0, Number(left)) : chunk;
}
