import { DriverError, type Bytes, type DiskBus, type DiskFormat, type DiskSpec, type PoolId } from '@virt-drivers/core';
import { serialOf } from './disk-serial.js';
import type { BlankDiskWish, DiskWish, InstanceSpec } from '../instance/spec.js';

/** What a disk is for. */
export type DiskRole = 'root' | 'image' | 'ephemeral' | 'swap' | 'config';

/** What a disk starts with. */
export type DiskOrigin =
  /** `sha256` names the image's content. */
  | { readonly kind: 'image'; readonly sha256: string; readonly format: DiskFormat }
  | { readonly kind: 'blank' }
  /** Content that compute makes; for the config drive. */
  | { readonly kind: 'content' };

/** A disk that is described and not created yet. Plain data; the same description always creates the same disk. */
export interface CreatableDisk {
  readonly role: DiskRole;
  /** Name of the volume: made of instance and role, so that it is found again whoever was interrupted. */
  readonly volumeName: string;
  readonly pool: PoolId;
  readonly origin: DiskOrigin;
  readonly sizeBytes: Bytes;
  /** Absent: the pool's preferred format. */
  readonly format?: DiskFormat;
  readonly provisioning?: 'thin' | 'thick';
  /** How it is attached once it is there. */
  readonly attachment: Omit<DiskSpec, 'volume'>;
}

/** What the plan must know of an image: nothing but facts that the gate established. */
export interface PlannedImage {
  readonly sha256: string;
  readonly format: DiskFormat;
  readonly virtualSizeBytes: Bytes;
  /** The controller that the image wants; a wish of the instance comes first. */
  readonly bus?: DiskBus;
  /** The other disks of an image that has several. */
  readonly further?: readonly Omit<PlannedImage, 'further'>[];
}

/** What the plan must know of the config drive. */
export interface PlannedConfigDrive {
  readonly sizeBytes: Bytes;
  readonly device: 'media' | 'disk';
}

/** Everything that a plan depends on. */
export interface DiskPlanInput extends Pick<InstanceSpec, 'instanceId' | 'root' | 'ephemerals' | 'swap'> {
  readonly pool: PoolId;
  readonly image?: PlannedImage;
  readonly configDrive?: PlannedConfigDrive;
}

/**
 * Says which disks an instance has, in the order in which the guest shall see them: root, further ones of the image,
 * ephemeral ones, swap, config drive. Pure: creates nothing, asks nobody. Errors: `REQUEST.INVALID` (a root disk without size or smaller than its image).
 */
export function planDisks(input: DiskPlanInput): readonly CreatableDisk[] {
  const { image, ephemerals = [], swap, configDrive } = input;
  return [
    rootDisk(input),
    ...(image?.further ?? []).map((disk, index) => imageDisk(input, `image${index + 1}`, disk)),
    ...ephemerals.map((wish, index) => blankDisk(input, 'ephemeral', `ephemeral${index}`, wish)),
    ...(swap ? [blankDisk(input, 'swap', 'swap', swap)] : []),
    ...(configDrive ? [configDisk(input, configDrive)] : []),
  ];
}

function rootDisk(input: DiskPlanInput): CreatableDisk {
  const { root, image, instanceId } = input;
  const sizeBytes = root.sizeBytes ?? image?.virtualSizeBytes;
  if (sizeBytes === undefined)
    throw invalid(instanceId, 'has neither an image nor a size for its root disk; give one of them');
  if (image && sizeBytes < image.virtualSizeBytes) {
    throw invalid(
      instanceId,
      `asks for a root disk of ${sizeBytes} bytes, but its image needs ${image.virtualSizeBytes}`,
    );
  }
  const bus = root.bus ?? image?.bus;
  const wish = { ...root, ...(bus && { bus }) };
  return { ...disk(input, 'root', 'root', wish), sizeBytes, origin: image ? imageOrigin(image) : { kind: 'blank' } };
}

/** Another disk of the image: as large as it is there, where the root disk is and on a bus that was wished for it. */
function imageDisk(input: DiskPlanInput, part: string, image: PlannedImage): CreatableDisk {
  const { format, provisioning, pool, bus = image.bus } = input.root;
  const wish = {
    ...(pool && { pool }),
    ...(format && { format }),
    ...(provisioning && { provisioning }),
    ...(bus && { bus }),
  };
  return { ...disk(input, 'image', part, wish), sizeBytes: image.virtualSizeBytes, origin: imageOrigin(image) };
}

const imageOrigin = ({ sha256, format }: PlannedImage): DiskOrigin => ({ kind: 'image', sha256, format });

const blankDisk = (input: DiskPlanInput, role: DiskRole, part: string, wish: BlankDiskWish): CreatableDisk => ({
  ...disk(input, role, part, wish),
  sizeBytes: wish.sizeBytes,
  origin: { kind: 'blank' },
});

function configDisk(input: DiskPlanInput, { sizeBytes, device }: PlannedConfigDrive): CreatableDisk {
  const plain = disk(input, 'config', 'config', {});
  return {
    ...plain,
    sizeBytes,
    origin: { kind: 'content' },
    attachment: { ...plain.attachment, device, readOnly: true },
  };
}

function disk(
  input: DiskPlanInput,
  role: DiskRole,
  part: string,
  wish: DiskWish,
): Omit<CreatableDisk, 'sizeBytes' | 'origin'> {
  const { format, provisioning, bus, limits } = wish;
  return {
    role,
    volumeName: `${input.instanceId}-${part}`,
    pool: wish.pool ?? input.pool,
    ...(format && { format }),
    ...(provisioning && { provisioning }),
    attachment: {
      device: 'disk',
      serial: serialOf(input.instanceId, part),
      ...(bus && { bus }),
      ...(limits && { limits }),
    },
  };
}

const invalid = (instanceId: string, why: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Instance ${instanceId} ${why}.`, { subject: instanceId });
