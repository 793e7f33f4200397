import {
  bitsPerSecond,
  bytes,
  diskId,
  operationsPerSecond,
  type Disk,
  type DiskBus,
  type DiskId,
  type DiskLimits,
} from '@virt-drivers/core';
import type {
  AnyVirtualDevice,
  VirtualCdrom,
  VirtualDisk,
  VirtualMachineDefinedProfileSpec,
} from '@virt-drivers/vsphere';
import { attachedFile, type BackingFile, type Locate } from './backing-chain.js';
import { busOfController, type Slot } from './controllers.js';
import { rawBacking, type RawDevice } from './raw-disk.js';
import { noteOfDevice, readRemoteNotes, rawBackingOf } from './remote-note.js';

/** A device of a machine that is a disk of the contract. */
export type DiskDevice = VirtualDisk | VirtualCdrom;

/** What a new disk device will be. */
export interface DiskPlan {
  readonly slot: Slot;
  readonly device: 'disk' | 'media';
  readonly bus: DiskBus;
  readonly readOnly: boolean;
  readonly shared: boolean;
  readonly file?: BackingFile;
  /** A unit of a storage system that is mapped; the file is the mapping's then. */
  readonly raw?: RawDevice;
  readonly sizeBytes?: bigint;
  readonly limits?: DiskLimits;
  /** Storage policy that the disk will follow. */
  readonly profiles?: readonly VirtualMachineDefinedProfileSpec[];
}

// vSphere has no disks that refuse writes. With this mode writes are given up when power goes, and the volume never changes.
const READ_ONLY_MODE = 'independent_nonpersistent';
const WRITABLE_MODE = 'persistent';
const SHARING = 'sharingMultiWriter';
const UNLIMITED = -1n;

/** The device to add for a plan. `index` makes its key its own within one request. */
export function newDiskDevice(plan: DiskPlan, index: number): DiskDevice {
  const place = { key: -201 - index, ...plan.slot };
  if (plan.device === 'media') return { $type: 'VirtualCdrom', ...place, ...mediumOf(plan.file) };
  return {
    $type: 'VirtualDisk',
    ...place,
    capacityInKB: (plan.sizeBytes ?? 0n) / 1024n,
    backing: backingFor(plan),
    ...(plan.limits?.operations && { storageIOAllocation: { limit: plan.limits.operations } }),
  };
}

function backingFor({ file, raw, readOnly, shared }: DiskPlan): VirtualDisk['backing'] {
  const way = { diskMode: readOnly ? READ_ONLY_MODE : WRITABLE_MODE, ...(shared && { sharing: SHARING }) };
  const fileName = file?.fileName ?? '';
  if (raw) return rawBacking(fileName, raw, way);
  const datastore = file?.datastore && { datastore: file.datastore };
  return { $type: 'VirtualDiskFlatVer2BackingInfo', fileName, ...datastore, ...way };
}

/** Backing and connection of a drive with this medium, or without any. */
export function mediumOf(file: BackingFile | undefined): Pick<VirtualCdrom, 'backing' | 'connectable'> {
  const connectable = { startConnected: file !== undefined, allowGuestControl: true, connected: file !== undefined };
  if (!file) {
    const backing = {
      $type: 'VirtualCdromRemotePassthroughBackingInfo',
      deviceName: '',
      useAutoDetect: false,
      exclusive: false,
    } as const;
    return { backing, connectable };
  }
  const backing = {
    $type: 'VirtualCdromIsoBackingInfo',
    fileName: file.fileName,
    ...(file.datastore && { datastore: file.datastore }),
  } as const;
  return { backing, connectable };
}

/** True for the devices that are disks of the contract. */
export const isDiskDevice = (device: AnyVirtualDevice): device is DiskDevice =>
  device.$type === 'VirtualDisk' || device.$type === 'VirtualCdrom';

/**
 * The id of a disk: its place, and what was put there, so that the next disk in the same place has another id. A drive
 * keeps its id whatever its medium.
 */
export function diskIdOf(device: DiskDevice): DiskId {
  if (device.$type === 'VirtualCdrom') return diskId(`media-${device.key}`);
  const uuid = device.backing && 'uuid' in device.backing ? (device.backing.uuid ?? '') : '';
  return diskId(`disk-${device.key}${uuid === '' ? '' : `-${uuid.replace(/-/g, '').slice(0, 32)}`}`);
}

/** The disks of a machine, in the order of controllers and units, which is how the guest finds them. */
export function readDisks(
  devices: readonly AnyVirtualDevice[],
  settings: ReadonlyMap<string, string>,
  locate: Locate,
): Disk[] {
  const controllers = new Map(devices.map((device) => [device.key, device]));
  const notes = readRemoteNotes(settings);
  return devices
    .filter(isDiskDevice)
    .sort((a, b) => (a.controllerKey ?? 0) - (b.controllerKey ?? 0) || (a.unitNumber ?? 0) - (b.unitNumber ?? 0))
    .map((device) => {
      const controller = controllers.get(device.controllerKey ?? 0);
      const bus = (controller && busOfController(controller)) ?? 'scsi';
      const throughput = throughputIn(settings, capKey(devices, device));
      // What another system owns is no volume of a pool, wherever its file lies.
      const isRemote = rawBackingOf(device) !== undefined || noteOfDevice(notes, device) !== undefined;
      return toDisk(device, bus, throughput, isRemote ? () => undefined : locate);
    });
}

function toDisk(device: DiskDevice, bus: DiskBus, throughput: bigint | undefined, locate: Locate): Disk {
  const file = attachedFile(device.backing);
  const volume = file && locate(file);
  const common = { id: diskIdOf(device), bus, ...(volume && { volume }) };
  if (device.$type === 'VirtualCdrom') return { ...common, device: 'media', readOnly: true, shared: false };
  const { backing } = device;
  const limits = readLimits(device, throughput);
  return {
    ...common,
    device: 'disk',
    readOnly: backing !== undefined && 'diskMode' in backing && /nonpersistent/.test(backing.diskMode ?? ''),
    shared: backing !== undefined && 'sharing' in backing && backing.sharing === SHARING,
    sizeBytes: bytes(device.capacityInBytes ?? device.capacityInKB * 1024n),
    ...(limits && { limits }),
  };
}

function readLimits({ storageIOAllocation }: VirtualDisk, throughput: bigint | undefined): DiskLimits | undefined {
  const limit = storageIOAllocation?.limit ?? UNLIMITED;
  if (limit <= 0n && throughput === undefined) return undefined;
  return {
    ...(throughput !== undefined && { throughput: bitsPerSecond(throughput) }),
    ...(limit > 0n && { operations: operationsPerSecond(limit) }),
  };
}

/** Allocation that keeps, or lifts, the limit of operations. */
export const allocationFor = (limits: DiskLimits): { readonly limit: bigint } => ({
  limit: limits.operations ?? UNLIMITED,
});

/** A disk's place as vSphere's settings and counters write it, for example `scsi0:1`; undefined where the bus has no such name. */
export function diskAddress(devices: readonly AnyVirtualDevice[], device: DiskDevice): string | undefined {
  const controller = devices.find(({ key }) => key === device.controllerKey);
  const bus = controller && busOfController(controller);
  if (!bus || !controller || !('busNumber' in controller)) return undefined;
  const name = bus === 'paravirtual' ? 'scsi' : bus;
  return `${name}${controller.busNumber}:${device.unitNumber ?? 0}`;
}

/** The setting that caps a disk's bandwidth, for example `sched.scsi0:1.bandwidthCap`; undefined where the bus has no such name. */
export function capKey(devices: readonly AnyVirtualDevice[], device: DiskDevice): string | undefined {
  const address = diskAddress(devices, device);
  return address === undefined ? undefined : `sched.${address}.bandwidthCap`;
}

/** The setting's text: kilobytes per second, rounded up; empty removes it. */
export const capText = (limits: DiskLimits): string =>
  limits.throughput === undefined ? '' : `${(limits.throughput + 7_999n) / 8_000n}KBps`;

function throughputIn(settings: ReadonlyMap<string, string>, key: string | undefined): bigint | undefined {
  const match = /^(\d+)KBps$/.exec((key && settings.get(key)) ?? '');
  return match?.[1] === undefined ? undefined : BigInt(match[1]) * 8_000n;
}
