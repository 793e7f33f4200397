import { DriverError, type CallOptions } from '@virt-drivers/core';
import { delay } from '@virt-drivers/core/kit';
import type { AnyHostTargetTransport, HostScsiDisk, HostStorageDeviceInfo } from '@virt-drivers/vsphere';
import { sizeOfUnit } from '../convert/raw-disk.js';
import { findUnit } from '../convert/storage-topology.js';
import type { About } from '../errors.js';
import type { VmwareSession } from '../session.js';
import { allOrFirstError } from './all-or-first-error.js';
import type { OpenedVolume } from './door.js';
import type { ReachedHost } from './reach.js';

/** A unit of a storage system, wherever its hosts are. */
export interface UnitWanted {
  readonly what: string;
  readonly lun: number;
  readonly isMeant: (transport: AnyHostTargetTransport) => boolean;
  /** Adapters that look for it. */
  readonly adapters: (info: HostStorageDeviceInfo) => readonly string[];
}

/** A host claims a device within moments after it has found it. */
const LOOKS = 3;
const BETWEEN = { milliseconds: 700 };

export const aboutStorage = ({ name }: ReachedHost, what: string): About => ({
  what: `${what} on host ${name}`,
  subject: what,
  notFound: 'VOLUME.NOT_FOUND',
  busy: 'VOLUME.IN_USE',
});

/** What a host knows of its adapters, targets and units. */
export async function storageOf(
  { center }: VmwareSession,
  host: ReachedHost,
  options: CallOptions,
): Promise<HostStorageDeviceInfo> {
  const about = { what: `Host ${host.name}`, subject: host.id, reads: true } as const;
  const { storageDeviceInfo } = await center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(host.storageSystem, ['storageDeviceInfo'], call),
  );
  if (storageDeviceInfo) return storageDeviceInfo;
  throw new DriverError('ACCESS.DENIED', `Adapters of host ${host.name} cannot be read by this account.`, {
    subject: host.id,
    missingPrivilege: 'Host.Config.Storage',
  });
}

/** Has adapters look for targets and units, also for those that are gone or have grown. */
export async function rescan(
  { center }: VmwareSession,
  host: ReachedHost,
  adapters: readonly string[],
  options: CallOptions,
): Promise<void> {
  for (const hbaDevice of adapters)
    await center.call(
      { what: `Adapter ${hbaDevice} of host ${host.name}`, within: { minutes: 5 } },
      options,
      (vsphere, call) => vsphere.invoke(host.storageSystem, 'RescanHba', { hbaDevice }, call),
    );
}

/** The unit as all hosts see it after a look for it. Errors: `POOL.UNAVAILABLE`, `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`. */
export async function openUnit(
  session: VmwareSession,
  hosts: readonly ReachedHost[],
  wanted: UnitWanted,
  options: CallOptions,
): Promise<OpenedVolume> {
  const disks = await allOrFirstError(hosts.map((host) => unitOn(session, host, wanted, options)));
  const [disk] = disks;
  const [host] = hosts;
  if (!disk || !host) throw new DriverError('HOST.UNREACHABLE', `${wanted.what}: there is no host to open it on.`);
  if (disks.some(({ uuid }) => uuid !== disk.uuid))
    throw new DriverError(
      'POOL.UNAVAILABLE',
      `${wanted.what} is not the same unit for all hosts; ask the owner of that system.`,
      {
        subject: wanted.what,
      },
    );
  await refuseDatastore(session, host, disk, wanted.what, options);
  const { uuid, deviceName, capacity } = disk;
  const mode = session.options.rawDevices ?? 'virtual';
  return { backing: uuid, sizeBytes: sizeOfUnit(capacity), raw: { deviceName, lunUuid: uuid, mode } };
}

/** The unit on one host. */
async function unitOn(
  session: VmwareSession,
  host: ReachedHost,
  { what, adapters, isMeant, lun }: UnitWanted,
  options: CallOptions,
): Promise<HostScsiDisk> {
  await rescan(session, host, adapters(await storageOf(session, host, options)), options);
  for (let look = 1; ; look += 1) {
    const { disk, reached } = findUnit(await storageOf(session, host, options), isMeant, lun);
    if (disk) return disk;
    if (look < LOOKS) await delay(BETWEEN, options);
    else if (reached)
      throw new DriverError(
        'VOLUME.NOT_FOUND',
        `${what} has no unit ${lun} for host ${host.name}; ask the owner of that system.`,
        {
          subject: what,
        },
      );
    else
      // A host tells a refused login and a silent target apart in its log only.
      throw new DriverError(
        'POOL.UNAVAILABLE',
        `${what} does not let host ${host.name} in, or cannot be reached from it; check address, network, account and what the system allows.`,
        { subject: what },
      );
  }
}

/** A unit that holds a datastore is no machine's. */
async function refuseDatastore(
  { center }: VmwareSession,
  host: ReachedHost,
  { canonicalName }: HostScsiDisk,
  what: string,
  options: CallOptions,
): Promise<void> {
  const { fileSystemVolumeInfo } = await center.call(
    { ...aboutStorage(host, what), reads: true },
    options,
    (vsphere, call) => vsphere.properties.get(host.storageSystem, ['fileSystemVolumeInfo'], call),
  );
  for (const { volume } of fileSystemVolumeInfo?.mountInfo ?? [])
    if (volume.$type === 'HostVmfsVolume' && volume.extent.some(({ diskName }) => diskName === canonicalName))
      throw new DriverError('VOLUME.IN_USE', `${what} holds datastore ${volume.name}; it is no machine's.`, {
        subject: what,
      });
}
