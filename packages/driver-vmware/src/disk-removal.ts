import type { VirtualDeviceConfigSpec, VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import { capKey, type DiskDevice } from './convert/disk-device.js';
import { toOptionValues } from './convert/extra-config.js';
import { rawBackingOf } from './convert/remote-note.js';
import type { MachineView } from './machine-views.js';

/** The change that takes a disk away. A mapping of a unit goes with its disk; files with data never do. */
export const deviceRemoval = (device: DiskDevice): VirtualDeviceConfigSpec => ({
  operation: 'remove',
  ...(rawBackingOf(device) && { fileOperation: 'destroy' as const }),
  device,
});

/** The same with the settings that were the disk's. */
export function removalOf({ devices, settings }: MachineView, device: DiskDevice): VirtualMachineConfigSpec {
  const cap = capKey(devices, device);
  const deviceChange = [deviceRemoval(device)];
  if (cap === undefined || !settings.has(cap)) return { deviceChange };
  return { deviceChange, extraConfig: toOptionValues([[cap, '']]) };
}
