import {
  DriverError,
  isDriverError,
  networkId,
  type CallOptions,
  type Condition,
  type HostDeviceId,
  type HostId,
  type MachineId,
  type Passthrough,
} from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type {
  AnyVirtualDevice,
  Reference,
  VirtualPCIPassthrough,
  VirtualPCIPassthroughDeviceBackingInfo,
} from '@virt-drivers/vsphere';
import {
  findAttached,
  functionsOf,
  hexadecimal,
  readDeviceId,
  toHostDevices,
  type HostDevices,
  type NamedDevice,
} from './convert/host-device.js';
import { newVirtualFunction } from './convert/virtual-function.js';
import type { MachineView } from './machine-views.js';
import { findNetwork, namedNetworks } from './networks.js';
import { readPlaces, type Place } from './places.js';
import { reconfigureAsSeen } from './reconfigure.js';
import type { VmwareSession } from './session.js';

export const STOPPED_FOR_DEVICES: Condition = {
  needs: 'machine-stopped',
  reason: 'vSphere gives devices of a host to stopped machines only, and reserves all of their memory.',
};

/** Devices of ESXi hosts: whole PCI functions, slices of graphics cards, and virtual functions of network cards as nics. */
export function createPassthrough(session: VmwareSession): Passthrough {
  const { machines, locks } = session;
  return {
    list: (host, options = {}) =>
      createListing(async function* () {
        const place = await findPlace(session, host, options);
        if (place.host) yield* toHostDevices(await readDevices(session, place, place.host, options));
      }),
    attach: (machine, device, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await machines.view(machine, options);
        const named = readDeviceId(device);
        if (!named) throw unknownDevice(device);
        if (findAttached(view.devices, named)) return;
        const added = { operation: 'add', device: await newDevice(session, view, device, named, options) } as const;
        refuseUnlessStopped(view);
        // Its memory is where the device writes to: no page of it may ever be elsewhere.
        await reconfigureAsSeen(session, view, { deviceChange: [added], memoryReservationLockedToMax: true }, options);
      }),
    detach: (machine, device, options = {}) =>
      locks.run(machine, options, async () => {
        const view = await machines.view(machine, options);
        const named = readDeviceId(device);
        const found = named && findAttached(view.devices, named);
        if (!found) return;
        refuseUnlessStopped(view);
        await reconfigureAsSeen(session, view, { deviceChange: [{ operation: 'remove', device: found }] }, options);
      }),
  };
}

async function findPlace(session: VmwareSession, id: string, options: CallOptions): Promise<Place> {
  const found = (await readPlaces(session, options)).find((place) => place.id === id);
  if (found) return found;
  throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there.`, { subject: id });
}

async function readDevices(
  { center, machines }: VmwareSession,
  place: Place,
  host: Reference<'HostSystem'>,
  options: CallOptions,
): Promise<HostDevices> {
  const about = { what: `Host ${place.id}`, subject: place.id, reads: true, notFound: 'HOST.NOT_FOUND' } as const;
  const paths = ['hardware.pciDevice', 'config.pciPassthruInfo', 'config.sharedPassthruGpuTypes'] as const;
  const values = await center.call(about, options, (vsphere, call) => vsphere.properties.get(host, paths, call));
  const attached = new Map<string, MachineId>();
  const refs = place.machines.map(({ value }) => ({ type: 'VirtualMachine', value }) as const);
  for await (const view of machines.all(options, refs))
    if (!isDriverError(view)) for (const address of functionsOf(view.devices)) attached.set(address, view.machine.id);
  return {
    host: place.id,
    functions: values['hardware.pciDevice'] ?? [],
    passthrough: values['config.pciPassthruInfo'] ?? [],
    profiles: values['config.sharedPassthruGpuTypes'] ?? [],
    networks: await namedNetworks(center, place.networks, options),
    attached,
  };
}

/** Errors: `REQUEST.INVALID`, `REQUEST.CONFLICT`, `CAPABILITY.CONDITION_UNMET`. */
async function newDevice(
  session: VmwareSession,
  { ref, machine: { id } }: MachineView,
  device: HostDeviceId,
  named: NamedDevice,
  options: CallOptions,
): Promise<AnyVirtualDevice> {
  const place = await findPlace(session, named.host, options).catch((error: unknown) => {
    if (isDriverError(error, 'HOST.NOT_FOUND')) throw unknownDevice(device);
    throw error;
  });
  if (!place.host) throw unknownDevice(device);
  const there = await readDevices(session, place, place.host, options);
  const found = toHostDevices(there).find((one) => one.id === device);
  if (!found) throw unknownDevice(device);
  if (found.attachedTo !== undefined)
    throw new DriverError(
      'REQUEST.CONFLICT',
      `Device ${device} is with machine ${found.attachedTo}. Detach it there.`,
      {
        subject: device,
        heldBy: found.attachedTo,
      },
    );
  if (!place.machines.some(({ value }) => value === ref.value)) throw elsewhere(id, device, place.id);
  if (named.kind === 'mediated') return passed({ $type: 'VirtualPCIPassthroughVmiopBackingInfo', vgpu: named.profile });
  const native = there.functions.find((one) => one.id === named.address);
  const systemId = await systemIdOf(session, ref, place.host, named.address, options);
  if (!native || systemId === undefined) throw unknownDevice(device);
  const backing: VirtualPCIPassthroughDeviceBackingInfo = {
    $type: 'VirtualPCIPassthroughDeviceBackingInfo',
    id: named.address,
    deviceId: hexadecimal(native.deviceId),
    systemId,
    vendorId: native.vendorId,
    deviceName: native.deviceName,
  };
  if (named.kind === 'pci') return passed(backing);
  return newVirtualFunction(backing, await findNetwork(session.center, networkId(named.network), options));
}

const passed = (backing: VirtualPCIPassthrough['backing']): AnyVirtualDevice => ({
  $type: 'VirtualPCIPassthrough',
  key: -501,
  ...(backing && { backing }),
});

/** What tells the host apart from others in a device's backing. */
async function systemIdOf(
  { center }: VmwareSession,
  machine: Reference<'VirtualMachine'>,
  host: Reference<'HostSystem'>,
  address: string,
  options: CallOptions,
): Promise<string | undefined> {
  return center.call({ what: `Devices of ${host.value}`, reads: true }, options, async (vsphere, call) => {
    const { environmentBrowser } = await vsphere.properties.get(machine, ['environmentBrowser'], call);
    if (!environmentBrowser) return undefined;
    const target = await vsphere.invoke(environmentBrowser, 'QueryConfigTarget', { host }, call);
    const known = [...(target?.pciPassthrough ?? []), ...(target?.sriov ?? [])];
    return known.find(({ pciDevice }) => pciDevice.id === address)?.systemId;
  });
}

function refuseUnlessStopped({ machine: { id, state } }: MachineView): void {
  if (state === 'stopped') return;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Machine ${id} is ${state}. ${STOPPED_FOR_DEVICES.reason}`, {
    subject: id,
    condition: STOPPED_FOR_DEVICES,
  });
}

const unknownDevice = (device: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Device ${device} is not there; list the devices of the host.`, {
    subject: device,
  });

function elsewhere(machine: MachineId, device: string, host: HostId): DriverError {
  const reason = 'A machine gets devices of the host that it is on; move it there first.';
  return new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Device ${device} is not on the host of machine ${machine}. ${reason}`,
    {
      subject: device,
      condition: { needs: 'host-feature', value: host, reason },
    },
  );
}
