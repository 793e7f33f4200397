import type { AnyHostPciPassthruInfo, AnyVirtualDevice, HostPciDevice } from '@virt-drivers/vsphere';
import type { VirtualPCIPassthroughDeviceBackingInfo } from '@virt-drivers/vsphere';
import { networkOf, nicBacking, type NativeNetwork } from './nic-device.js';

/** The physical functions of network cards that their host has cut into virtual ones. */
export function cardsOf(
  functions: readonly HostPciDevice[],
  passthrough: readonly AnyHostPciPassthruInfo[],
): readonly HostPciDevice[] {
  const cut = new Set(
    passthrough.flatMap((info) =>
      info.$type === 'HostSriovInfo' && info.sriovActive && info.numVirtualFunction > 0 ? [info.id] : [],
    ),
  );
  return functions.filter(({ id }) => cut.has(id));
}

/** A nic that is a virtual function: the host chooses which one of the card's when the machine starts. */
export const newVirtualFunction = (
  physicalFunctionBacking: VirtualPCIPassthroughDeviceBackingInfo,
  network: NativeNetwork,
): AnyVirtualDevice => ({
  $type: 'VirtualSriovEthernetCard',
  key: -501,
  backing: nicBacking(network),
  connectable: { startConnected: true, allowGuestControl: true, connected: true },
  addressType: 'generated',
  wakeOnLanEnabled: false,
  allowGuestOSMtuChange: false,
  sriovBacking: { $type: 'VirtualSriovEthernetCardSriovBackingInfo', physicalFunctionBacking },
});

/** Whether a device of a machine is a virtual function of this physical one. */
export const isVirtualFunction = (device: AnyVirtualDevice, address: string): boolean =>
  device.$type === 'VirtualSriovEthernetCard' && device.sriovBacking?.physicalFunctionBacking?.id === address;

/** Whether a nic is on this network. */
export const onNetwork = ({ backing }: AnyVirtualDevice, network: string): boolean =>
  networkOf(backing, () => undefined) === network;
