import type { AnyHostTargetTransport, HostScsiDisk, HostStorageDeviceInfo } from '@virt-drivers/vsphere';

/** A 64-bit name of a port, which the wire has as a signed number: sixteen hexadecimal digits. */
export const toWwpn = (name: bigint): string => BigInt.asUintN(64, name).toString(16).padStart(16, '0');

/** The same digits, however somebody writes them: `21:00:…`, `0x2100…`. */
export const plainWwpn = (text: string): string =>
  text
    .toLowerCase()
    .replace(/^0x/, '')
    .replace(/[:\-.\s]/g, '');

/** What a host has behind some of its targets. */
export interface FoundUnit {
  /** True when the host has a way to the target, whatever is behind it. */
  readonly reached: boolean;
  readonly disk?: HostScsiDisk;
}

/** A unit of the targets that are meant, as a host sees it. */
export function findUnit(
  { scsiTopology, scsiLun = [] }: HostStorageDeviceInfo,
  isMeant: (transport: AnyHostTargetTransport) => boolean,
  lun: number,
): FoundUnit {
  const targets = (scsiTopology?.adapter ?? [])
    .flatMap(({ target = [] }) => target)
    .filter(({ transport }) => transport !== undefined && isMeant(transport));
  const keys = targets.flatMap(({ lun: units = [] }) => units.flatMap((one) => (one.lun === lun ? [one.scsiLun] : [])));
  const disk = scsiLun.find((one) => one.$type === 'HostScsiDisk' && keys.includes(one.key ?? ''));
  return { reached: targets.length > 0, ...(disk?.$type === 'HostScsiDisk' && { disk }) };
}
