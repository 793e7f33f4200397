import { bytes, type GuestInfo, type GuestInterface } from '@virt-drivers/core';
import type { GuestInfo as NativeGuest, GuestNicInfo } from '@virt-drivers/vsphere';

const FAMILIES: Readonly<Record<string, GuestInfo['family']>> = { linuxGuest: 'linux', windowsGuest: 'windows' };

/** What VMware Tools tell of the guest. */
export const toGuestInfo = (guest: NativeGuest): GuestInfo => ({
  family: familyOf(guest.guestFamily),
  ...(guest.guestFullName !== undefined && { osName: guest.guestFullName }),
  ...(guest.hostName !== undefined && { hostname: guest.hostName }),
  ...(guest.toolsVersion !== undefined && { agentVersion: guest.toolsVersion }),
  fileSystems: (guest.disk ?? []).flatMap(({ diskPath, capacity, freeSpace }) =>
    diskPath === undefined || diskPath === ''
      ? []
      : [
          {
            mountPoint: diskPath,
            // Tools tell sizes of file systems, not their kinds.
            type: 'unknown',
            ...(capacity !== undefined && { totalBytes: bytes(capacity) }),
            ...(capacity !== undefined &&
              freeSpace !== undefined &&
              freeSpace <= capacity && { usedBytes: bytes(capacity - freeSpace) }),
          },
        ],
  ),
});

export const familyOf = (family: string | undefined): GuestInfo['family'] => FAMILIES[family ?? ''] ?? 'other';

/** The interfaces that VMware Tools tell of; those that are no nics of the machine have no number. */
export const toInterfaces = (nics: readonly GuestNicInfo[] | undefined): readonly GuestInterface[] =>
  (nics ?? []).map(({ network, macAddress, deviceConfigId, ipConfig }) => ({
    name: network || (deviceConfigId < 0 ? 'virtual' : `nic-${deviceConfigId}`),
    ...(macAddress !== undefined && { macAddress: macAddress.toLowerCase() }),
    addresses: (ipConfig?.ipAddress ?? []).map(({ ipAddress, prefixLength }) => ({ address: ipAddress, prefixLength })),
  }));
