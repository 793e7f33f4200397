import {
  bitsPerSecond,
  bytes,
  operationsPerSecond,
  poolId,
  sameVolume,
  type Disk,
  type DiskLimits,
  type DiskSpec,
  type Machine,
  type VolumeId,
} from '@virt-drivers/core';
import type { DiskRecord } from '../instance/disk-record.js';

/** How a disk hangs on its machine, for a record. */
export function attachmentOf({ device, bus, readOnly, shared, limits }: Disk): NonNullable<DiskRecord['attachment']> {
  return {
    device,
    bus,
    ...(readOnly && { readOnly }),
    ...(shared && { shared }),
    ...(limits?.throughput !== undefined && { throughput: String(limits.throughput) }),
    ...(limits?.operations !== undefined && { operations: String(limits.operations) }),
  };
}

/** What to attach so that the disk hangs on its machine as the record says. */
export function specOf({ attachment, serial }: DiskRecord, volume: VolumeId): DiskSpec {
  const { throughput, operations, readOnly, shared, device, bus } = attachment ?? {};
  const limits: DiskLimits = {
    ...(throughput !== undefined && { throughput: bitsPerSecond(BigInt(throughput)) }),
    ...(operations !== undefined && { operations: operationsPerSecond(BigInt(operations)) }),
  };
  return {
    volume,
    ...(device && { device }),
    ...(bus && { bus }),
    ...(readOnly && { readOnly }),
    ...(shared && { shared }),
    ...(serial !== undefined && { serial }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

/** The volume that a record names, where it is known. */
export const volumeOf = ({ volume }: Pick<DiskRecord, 'volume'>): VolumeId | undefined =>
  volume && { pool: poolId(volume.pool), key: volume.key };

/** The machine's disk with exactly this volume. */
export const diskWith = ({ disks }: Pick<Machine, 'disks'>, id: VolumeId | undefined): Disk | undefined =>
  id && disks.find(({ volume }) => volume && sameVolume(volume, id));

/** Names a disk in a record, whichever of several generations it is. */
export const keyOf = ({ pool, volumeName }: Pick<DiskRecord, 'pool' | 'volumeName'>): string => `${pool}/${volumeName}`;

/** The size that a record names. */
export const sizeOf = ({ sizeBytes }: Pick<DiskRecord, 'sizeBytes'>) => bytes(BigInt(sizeBytes));

/** True when the record is about this very volume. */
export function hasVolume(disk: Pick<DiskRecord, 'volume'>, id: VolumeId): boolean {
  const own = volumeOf(disk);
  return own !== undefined && sameVolume(own, id);
}
