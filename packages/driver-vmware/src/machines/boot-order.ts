import type { BootSpec } from '@virt-drivers/core';
import type { AnyVirtualDevice, AnyVirtualMachineBootOptionsBootableDevice } from '@virt-drivers/vsphere';
import { isNicDevice } from '../convert/nic-device.js';

/** vSphere's list of what is tried, for the kinds in their order; devices of one kind in the order of their places. */
export function bootOrder(
  devices: readonly AnyVirtualDevice[],
  order: NonNullable<BootSpec['order']>,
): AnyVirtualMachineBootOptionsBootableDevice[] {
  const sorted = [...devices].sort(
    (a, b) => (a.controllerKey ?? 0) - (b.controllerKey ?? 0) || (a.unitNumber ?? 0) - (b.unitNumber ?? 0),
  );
  return order.flatMap((kind): AnyVirtualMachineBootOptionsBootableDevice[] => {
    // One entry stands for all drives.
    if (kind === 'media')
      return sorted.some(({ $type }) => $type === 'VirtualCdrom')
        ? [{ $type: 'VirtualMachineBootOptionsBootableCdromDevice' }]
        : [];
    if (kind === 'disk')
      return sorted
        .filter(({ $type }) => $type === 'VirtualDisk')
        .map(({ key }) => ({ $type: 'VirtualMachineBootOptionsBootableDiskDevice', deviceKey: key }));
    return sorted
      .filter(isNicDevice)
      .map(({ key }) => ({ $type: 'VirtualMachineBootOptionsBootableEthernetDevice', deviceKey: key }));
  });
}
