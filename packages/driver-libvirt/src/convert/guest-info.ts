import { bytes, type GuestInfo, type GuestInterface } from '@virt-drivers/core';
import type { DomainInterface, ParameterRecord } from '@virt-drivers/libvirt';

/** What the guest's agent says, by libvirt's names. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetGuestInfo */
export function toGuestInfo(info: ParameterRecord, agentVersion: string | undefined): GuestInfo {
  const text = (name: string): string | undefined => (typeof info[name] === 'string' ? info[name] : undefined);
  const size = (name: string): bigint | undefined => {
    const value = info[name];
    return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : undefined;
  };
  const [osName, osVersion, hostname] = [
    text('os.pretty-name') ?? text('os.name'),
    text('os.version-id') ?? text('os.version'),
    text('hostname'),
  ];
  return {
    family: familyOf(text('os.id')),
    ...(osName === undefined ? {} : { osName }),
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
    fileSystems: Array.from({ length: Number(size('fs.count') ?? 0n) }, (_, index) => {
      const total = size(`fs.${index}.total-bytes`);
      const used = size(`fs.${index}.used-bytes`);
      return {
        mountPoint: text(`fs.${index}.mountpoint`) ?? '',
        type: text(`fs.${index}.fstype`) ?? '',
        ...(total === undefined ? {} : { totalBytes: bytes(total) }),
        ...(used === undefined ? {} : { usedBytes: bytes(used) }),
      };
    }),
  };
}

// https://qemu.org/docs/master/interop/qemu-ga-ref.html: `mswindows`, or the ID of os-release.
function familyOf(id: string | undefined): GuestInfo['family'] {
  if (id === undefined) return 'other';
  if (id === 'mswindows') return 'windows';
  return ['freebsd', 'openbsd', 'netbsd', 'solaris'].includes(id) ? 'other' : 'linux';
}

export const toGuestInterface = ({ name, hwaddr, addrs }: DomainInterface): GuestInterface => ({
  name,
  ...(hwaddr === undefined ? {} : { macAddress: hwaddr }),
  addresses: addrs.map(({ addr, prefix }) => ({ address: addr, prefixLength: prefix })),
});
