import type {
  BootSpec,
  Bytes,
  CpuSpec,
  DiskBus,
  DiskFormat,
  DiskLimits,
  HostId,
  MachineExtensions,
  MemorySpec,
  NicSpec,
  PoolId,
} from '@virt-drivers/core';
import type { ConfigDriveContent, GuestAddress } from '../config-drive/content.js';
import type { ImageDeclaration } from '../image-gate/declaration.js';
import type { ImageInput } from '../image-gate/image-input.js';

/** What a disk may be asked to be, whatever it starts with. */
export interface DiskWish {
  /** Default: the instance's pool. */
  readonly pool?: PoolId;
  /** Default: what the pool prefers. */
  readonly format?: DiskFormat;
  readonly provisioning?: 'thin' | 'thick';
  readonly bus?: DiskBus;
  readonly limits?: DiskLimits;
}

/** The first disk. Its size: default and minimum is the image's; without an image it must be given. */
export interface RootDiskWish extends DiskWish {
  readonly sizeBytes?: Bytes;
}

/** A disk that starts as zeros and goes with the instance. */
export interface BlankDiskWish extends DiskWish {
  readonly sizeBytes: Bytes;
}

/** A nic and what the guest is told about it. */
export interface InstanceNic extends NicSpec {
  readonly mtu?: number;
  /** Needs `macAddress`, which is how the guest finds the nic. */
  readonly addresses?: readonly GuestAddress[];
}

/** The image that the root disk starts with, and what it is said to be. */
export interface ImageWish {
  readonly input: ImageInput;
  readonly declaration: ImageDeclaration;
}

/** What is told to the guest; the rest of the drive comes from the instance itself. */
export interface ConfigDriveWish extends Omit<ConfigDriveContent, 'instanceId' | 'name' | 'network'> {
  readonly dnsServers?: readonly string[];
  /** Default: a drive for removable media where the driver has those, else a read-only disk. */
  readonly device?: 'media' | 'disk';
}

/** What a user of compute asks for. */
export interface InstanceSpec {
  /** A UUID, the caller's choice: it names the instance for good. `newInstanceId()` makes one. */
  readonly instanceId: string;
  /** Display text, stored exactly; see `MachineSpec.name`. */
  readonly name: string;
  readonly description?: string;
  readonly cpu: CpuSpec;
  readonly memory: MemorySpec;
  /** Default: BIOS, disks in their order. */
  readonly boot?: BootSpec;
  /** Where disks go that do not say otherwise. Default: the ready pool with the most free space. */
  readonly pool?: PoolId;
  readonly image?: ImageWish;
  readonly root: RootDiskWish;
  readonly ephemerals?: readonly BlankDiskWish[];
  readonly swap?: BlankDiskWish;
  readonly nics?: readonly InstanceNic[];
  /** Absent: no config drive. */
  readonly configDrive?: ConfigDriveWish;
  readonly host?: HostId;
  readonly architecture?: string;
  readonly guestFamily?: 'linux' | 'windows' | 'other';
  readonly serialPort?: boolean;
  /** Default true. */
  readonly start?: boolean;
  /** Handed to the driver unread. */
  readonly extensions?: MachineExtensions;
}
