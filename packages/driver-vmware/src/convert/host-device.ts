import type { HostDevice, HostDeviceId, HostId, MachineId } from '@virt-drivers/core';
import type { NamedNetwork } from '../networks.js';
import { cardsOf, isVirtualFunction, onNetwork } from './virtual-function.js';
import type { AnyHostPciPassthruInfo, AnyVirtualDevice, HostPciDevice } from '@virt-drivers/vsphere';

/** A device of a host, as its id names it. */
export type NamedDevice =
  | { readonly kind: 'pci'; readonly host: string; readonly address: string }
  | { readonly kind: 'mediated'; readonly host: string; readonly profile: string }
  | {
      /** A virtual function of a network card, as a nic on a network. */
      readonly kind: 'function';
      readonly host: string;
      /** The physical function. */
      readonly address: string;
      readonly network: string;
    };

/** What a host says of its devices. */
export interface HostDevices {
  readonly host: HostId;
  readonly functions: readonly HostPciDevice[];
  readonly passthrough: readonly AnyHostPciPassthruInfo[];
  /** Kinds of slices that its graphics cards can be cut into. */
  readonly profiles: readonly string[];
  /** Networks that virtual functions of its network cards can be nics on. */
  readonly networks: readonly NamedNetwork[];
  readonly attached: ReadonlyMap<string, MachineId>;
}

// The contract's ids are branded strings; this is where they are made.
const deviceId = (text: string): HostDeviceId => text as HostDeviceId;

/** `pci/host-9/0000:3b:00.0`: where it is stays the same as long as nobody moves the card. */
function idOf({ host, ...device }: NamedDevice): HostDeviceId {
  if (device.kind === 'pci') return deviceId(`pci/${host}/${device.address}`);
  if (device.kind === 'function') return deviceId(`vf/${host}/${device.address}/${device.network}`);
  return deviceId(`vgpu/${host}/${encodeURIComponent(device.profile)}`);
}

/** Reads an id; undefined for a text that is none. */
export function readDeviceId(id: HostDeviceId): NamedDevice | undefined {
  const [kind, host = '', rest = '', network = '', ...more] = id.split('/');
  if (host === '' || rest === '' || more.length > 0) return undefined;
  if (kind === 'vf') return network === '' ? undefined : { kind: 'function', host, address: rest, network };
  if (network !== '') return undefined;
  if (kind === 'pci') return { kind: 'pci', host, address: rest };
  if (kind !== 'vgpu') return undefined;
  try {
    return { kind: 'mediated', host, profile: decodeURIComponent(rest) };
  } catch {
    return undefined;
  }
}

/** The devices that machines can get: functions that are switched to passthrough, and slices of graphics and network cards. */
export function toHostDevices({
  host,
  functions,
  passthrough,
  profiles,
  networks,
  attached,
}: HostDevices): readonly HostDevice[] {
  const active = new Set(passthrough.filter(({ passthruActive }) => passthruActive).map(({ id }) => id));
  const pci = functions
    .filter(({ id }) => active.has(id))
    .map((device): HostDevice => {
      const attachedTo = attached.get(device.id);
      return {
        id: idOf({ kind: 'pci', host, address: device.id }),
        host,
        kind: 'pci',
        name: `${device.vendorName} ${device.deviceName}`.trim(),
        vendorId: hexadecimal(device.vendorId),
        productId: hexadecimal(device.deviceId),
        ...(attachedTo !== undefined && { attachedTo }),
      };
    });
  const slices = profiles.map(
    (profile): HostDevice => ({
      id: idOf({ kind: 'mediated', host, profile }),
      host,
      kind: 'mediated',
      name: profile,
    }),
  );
  const nics = cardsOf(functions, passthrough).flatMap(({ id: address, vendorName, deviceName }) =>
    networks.map(
      ({ id: network, name }): HostDevice => ({
        id: idOf({ kind: 'function', host, address, network }),
        host,
        kind: 'mediated',
        name: `${vendorName} ${deviceName} on ${name}`.trim(),
      }),
    ),
  );
  return [...pci, ...slices, ...nics];
}

// The numbers are signed 16-bit ones on the wire.
export const hexadecimal = (value: number): string => (value & 0xffff).toString(16).padStart(4, '0');

/** The device of a machine that is this device of its host. */
export const findAttached = (devices: readonly AnyVirtualDevice[], wanted: NamedDevice): AnyVirtualDevice | undefined =>
  devices.find((device) => {
    const { $type, backing } = device;
    if (wanted.kind === 'function')
      return isVirtualFunction(device, wanted.address) && onNetwork(device, wanted.network);
    if ($type !== 'VirtualPCIPassthrough' || !backing) return false;
    if (wanted.kind === 'pci')
      return backing.$type === 'VirtualPCIPassthroughDeviceBackingInfo' && backing.id === wanted.address;
    return backing.$type === 'VirtualPCIPassthroughVmiopBackingInfo' && backing.vgpu === wanted.profile;
  });

/** The addresses of whole functions that a machine has. */
export const functionsOf = (devices: readonly AnyVirtualDevice[]): readonly string[] =>
  devices.flatMap(({ backing }) => (backing?.$type === 'VirtualPCIPassthroughDeviceBackingInfo' ? [backing.id] : []));
