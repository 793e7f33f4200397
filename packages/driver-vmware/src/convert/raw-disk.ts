import type { HostDiskDimensionsLba, VirtualDiskRawDiskMappingVer1BackingInfo } from '@virt-drivers/vsphere';

/** How much of a unit a guest sees: a disk like any other, or the unit with its own SCSI commands. */
export type RawMode = 'virtual' | 'physical';

/** A unit of a storage system, for a mapping that a machine has. */
export interface RawDevice {
  /** `/vmfs/devices/disks/naa.6000…` */
  readonly deviceName: string;
  readonly lunUuid: string;
  readonly mode: RawMode;
}

/** Bytes of a unit. */
export const sizeOfUnit = ({ block, blockSize }: HostDiskDimensionsLba): bigint => block * BigInt(blockSize);

/** The backing of a disk that maps a unit; its file holds the mapping, never data. */
export const rawBacking = (
  fileName: string,
  { deviceName, lunUuid, mode }: RawDevice,
  { diskMode, sharing }: { readonly diskMode: string; readonly sharing?: string },
): VirtualDiskRawDiskMappingVer1BackingInfo => ({
  $type: 'VirtualDiskRawDiskMappingVer1BackingInfo',
  fileName,
  deviceName,
  lunUuid,
  compatibilityMode: mode === 'physical' ? 'physicalMode' : 'virtualMode',
  // A unit in physical mode obeys nobody but the guest.
  ...(mode === 'virtual' && { diskMode }),
  ...(sharing !== undefined && { sharing }),
});
