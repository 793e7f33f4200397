import { networkId, nicId, type NetworkId, type Nic, type NicId, type NicSpec } from '@virt-drivers/core';
import type { AnyVirtualDevice, AnyVirtualDeviceBackingInfo, AnyVirtualEthernetCard } from '@virt-drivers/vsphere';

/** A network as nics are attached to it. */
export type NativeNetwork =
  | { readonly kind: 'standard'; readonly id: NetworkId; readonly type: 'Network'; readonly name: string }
  | { readonly kind: 'distributed'; readonly id: NetworkId; readonly portgroupKey: string; readonly switchUuid: string }
  | {
      readonly kind: 'opaque';
      readonly id: NetworkId;
      readonly opaqueNetworkId: string;
      readonly opaqueNetworkType: string;
    };

/** The backing of a nic on this network. */
export function nicBacking(network: NativeNetwork): AnyVirtualDeviceBackingInfo {
  switch (network.kind) {
    case 'standard':
      return {
        $type: 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: network.name,
        network: { type: network.type, value: network.id },
      };
    case 'distributed':
      return {
        $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
        port: { switchUuid: network.switchUuid, portgroupKey: network.portgroupKey },
      };
    case 'opaque': {
      const { opaqueNetworkId, opaqueNetworkType } = network;
      return { $type: 'VirtualEthernetCardOpaqueNetworkBackingInfo', opaqueNetworkId, opaqueNetworkType };
    }
  }
}

const PARAVIRTUAL = 'VirtualVmxnet3';
const EMULATED = 'VirtualE1000e';

/** The device to add for a nic; `index` makes its key its own within one request. */
export function newNicDevice(spec: NicSpec, network: NativeNetwork, index: number): AnyVirtualEthernetCard {
  const up = spec.linkUp ?? true;
  return {
    $type: spec.model === 'emulated' ? EMULATED : PARAVIRTUAL,
    key: -301 - index,
    backing: nicBacking(network),
    connectable: { startConnected: up, allowGuestControl: true, connected: up },
    // `manual` takes any unicast address; `generated` lets the server choose from its range.
    addressType: spec.macAddress === undefined ? 'generated' : 'manual',
    ...(spec.macAddress !== undefined && { macAddress: spec.macAddress }),
    wakeOnLanEnabled: false,
  };
}

/** True for network cards of every kind. */
export const isNicDevice = (device: AnyVirtualDevice): device is AnyVirtualEthernetCard =>
  'macAddress' in device || 'addressType' in device;

/** The id of a nic: its address, which no other of its machine ever has. */
export const nicIdOf = ({ macAddress = '' }: { readonly macAddress?: string | undefined }): NicId =>
  nicId(`nic-${macAddress.toLowerCase()}`);

/** The nics of a machine, in the order of their places. */
export const readNics = (devices: readonly AnyVirtualDevice[], opaque: OpaqueNetworks = () => undefined): Nic[] =>
  devices
    .filter(isNicDevice)
    .sort((a, b) => a.key - b.key)
    .map((device) => {
      const macAddress = (device.macAddress ?? '').toLowerCase();
      return {
        id: nicIdOf(device),
        network: networkOf(device.backing, opaque),
        macAddress,
        model: device.$type?.startsWith('VirtualVmxnet') ? 'paravirtual' : 'emulated',
        linkUp: device.connectable?.startConnected ?? true,
      };
    });

/** The network behind another system's id. */
export type OpaqueNetworks = (opaqueNetworkId: string) => NetworkId | undefined;

/** The network that a nic's backing names. */
export function networkOf(backing: AnyVirtualDeviceBackingInfo | undefined, opaque: OpaqueNetworks): NetworkId {
  switch (backing?.$type) {
    case 'VirtualEthernetCardNetworkBackingInfo':
      return networkId(backing.network?.value ?? backing.deviceName);
    case 'VirtualEthernetCardDistributedVirtualPortBackingInfo':
      return networkId(backing.port.portgroupKey ?? backing.port.switchUuid);
    case 'VirtualEthernetCardOpaqueNetworkBackingInfo':
      return opaque(backing.opaqueNetworkId) ?? networkId(backing.opaqueNetworkId);
    default:
      return networkId('unknown');
  }
}
