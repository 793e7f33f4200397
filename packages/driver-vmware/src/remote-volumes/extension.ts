import {
  bytes,
  DriverError,
  type Bytes,
  type CallOptions,
  type Disk,
  type DiskId,
  type MachineId,
} from '@virt-drivers/core';
import type { HostStorageDeviceInfo, VirtualDisk } from '@virt-drivers/vsphere';
import { diskIdOf, isDiskDevice } from '../convert/disk-device.js';
import { sizeOfUnit } from '../convert/raw-disk.js';
import { rawBackingOf } from '../convert/remote-note.js';
import type { MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import { allOrFirstError } from './all-or-first-error.js';
import { OWN_SIZE } from './conditions.js';
import { reachOf, type ReachedHost } from './reach.js';
import { rescan, storageOf } from './units.js';

/** Tells hosts and machine that the owner of a unit has grown it. The caller holds the machine's lock. */
export async function extendRemote(
  session: VmwareSession,
  id: MachineId,
  disk: DiskId,
  sizeBytes: Bytes,
  options: CallOptions,
): Promise<Disk> {
  const view = await session.machines.view(id, options);
  const device = remoteDevice(view, disk);
  const raw = rawBackingOf(device);
  if (!raw) throw unmet(disk);
  const before = device.capacityInBytes ?? device.capacityInKB * 1024n;
  if (sizeBytes < before)
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Disk ${disk} has ${before} bytes and cannot shrink to ${sizeBytes}.`,
      {
        subject: disk,
      },
    );
  const { hosts } = await reachOf(session, view, options);
  const sizes = await allOrFirstError(hosts.map((host) => sizeOn(session, host, raw.lunUuid ?? '', options)));
  const size = sizes.reduce((least, one) => (one < least ? one : least), sizes[0] ?? 0n);
  if (size < sizeBytes)
    throw new DriverError('REQUEST.INVALID', `Disk ${disk} is a unit of ${size} bytes; have its owner grow it first.`, {
      subject: disk,
    });
  if (size > before) {
    const edited = { ...device, capacityInKB: size / 1024n, capacityInBytes: size };
    await reconfigure(session, view, { deviceChange: [{ operation: 'edit', device: edited }] }, options);
  }
  const known = view.machine.disks.find((one) => one.id === disk);
  if (known) return { ...known, sizeBytes: bytes(size) };
  throw notFound(id, disk);
}

function remoteDevice({ devices, machine }: MachineView, disk: DiskId): VirtualDisk {
  const device = devices.filter(isDiskDevice).find((one) => diskIdOf(one) === disk);
  const known = machine.disks.find((one) => one.id === disk);
  if (!device || !known) throw notFound(machine.id, disk);
  if (device.$type === 'VirtualDisk' && known.volume === undefined) return device;
  const message = `Disk ${disk} of machine ${machine.id} is no remote volume; use volumes.grow for its volume.`;
  throw new DriverError('DISK.CONFLICT', message, { subject: disk });
}

const notFound = (machine: MachineId, disk: DiskId): DriverError =>
  new DriverError(
    'DISK.NOT_FOUND',
    `Disk ${disk} of machine ${machine} is not there; machines.get tells the disks of a machine.`,
    {
      subject: disk,
    },
  );

const unmet = (disk: DiskId): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `Disk ${disk} cannot be extended. ${OWN_SIZE.reason}`, {
    subject: disk,
    condition: OWN_SIZE,
  });

/** The size of a unit for a host that has just asked for it. */
async function sizeOn(session: VmwareSession, host: ReachedHost, uuid: string, options: CallOptions): Promise<bigint> {
  await rescan(session, host, adaptersOf(await storageOf(session, host, options), uuid), options);
  const { scsiLun = [] } = await storageOf(session, host, options);
  const unit = scsiLun.find((one) => one.uuid === uuid);
  return unit?.$type === 'HostScsiDisk' ? sizeOfUnit(unit.capacity) : 0n;
}

/** The adapters by which a host has ways to a unit. */
function adaptersOf(
  { scsiLun = [], scsiTopology, hostBusAdapter = [] }: HostStorageDeviceInfo,
  uuid: string,
): readonly string[] {
  const key = scsiLun.find((one) => one.uuid === uuid)?.key;
  const adapters = (scsiTopology?.adapter ?? []).flatMap(({ adapter, target = [] }) =>
    target.some(({ lun = [] }) => lun.some(({ scsiLun: unit }) => unit === key)) ? [adapter] : [],
  );
  return hostBusAdapter.flatMap((one) => (adapters.includes(one.key ?? '') ? [one.device] : []));
}
