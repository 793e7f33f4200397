import type { DiskBus } from '@virt-drivers/core';
import type { AnyVirtualController, AnyVirtualDevice, VirtualDeviceConfigSpec } from '@virt-drivers/vsphere';

/** Controllers of one kind. Numbers: vSphere's configuration maximums. */
export interface ControllerKind {
  readonly most: number;
  /** Unit numbers that a disk can have, in the order in which they are given. */
  readonly units: readonly number[];
}

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, index) => index);

// Unit 7 of a SCSI bus is the controller itself.
const SCSI: ControllerKind = { most: 4, units: upTo(16).filter((unit) => unit !== 7) };
const KINDS: Readonly<Record<DiskBus, ControllerKind>> = {
  paravirtual: SCSI,
  scsi: SCSI,
  sata: { most: 4, units: upTo(30) },
  ide: { most: 2, units: upTo(2) },
  nvme: { most: 4, units: upTo(15) },
};

/** How many disks fit on the default bus. */
export const MOST_DISKS = SCSI.most * SCSI.units.length;

const BUS_OF: Readonly<Record<string, DiskBus>> = {
  ParaVirtualSCSIController: 'paravirtual',
  VirtualLsiLogicController: 'scsi',
  VirtualLsiLogicSASController: 'scsi',
  VirtualBusLogicController: 'scsi',
  VirtualAHCIController: 'sata',
  VirtualIDEController: 'ide',
  VirtualNVMEController: 'nvme',
};

/** The bus of a controller; undefined for a device that is none for disks. */
export const busOfController = ({ $type = '' }: { readonly $type?: string | undefined }): DiskBus | undefined =>
  BUS_OF[$type];

const isController = (device: AnyVirtualDevice): device is AnyVirtualController & { readonly busNumber: number } =>
  busOfController(device) !== undefined && 'busNumber' in device;

/** SCSI adapters that may be asked for by name. */
export type ScsiAdapter = 'lsiLogic' | 'lsiLogicSas' | 'busLogic';

const SCSI_TYPES = {
  lsiLogic: 'VirtualLsiLogicController',
  lsiLogicSas: 'VirtualLsiLogicSASController',
  busLogic: 'VirtualBusLogicController',
} as const;

/** A place on a bus. */
export interface Slot {
  readonly controllerKey: number;
  readonly unitNumber: number;
}

/** Gives places on controllers, making the controllers that are missing. */
export interface SlotAllocator {
  /** The next free place; undefined when the bus is full. */
  next(bus: DiskBus, adapter?: ScsiAdapter): Slot | undefined;
  /** Controllers that had to be added, to be sent before the disks. */
  added(): readonly VirtualDeviceConfigSpec[];
}

interface Room {
  readonly key: number;
  readonly $type: string;
  readonly bus: DiskBus;
  readonly busNumber: number;
  readonly used: Set<number>;
}

// New devices have negative keys that only this request knows; these leave room for those of disks and nics.
const FIRST_CONTROLLER_KEY = -101;

/** Places beside the devices that a machine has. Pure: asks nobody, changes nothing. */
export function createSlotAllocator(devices: readonly AnyVirtualDevice[]): SlotAllocator {
  const rooms: Room[] = devices.filter(isController).map((controller) => ({
    key: controller.key,
    $type: controller.$type ?? '',
    bus: busOfController(controller) ?? 'scsi',
    busNumber: controller.busNumber,
    used: unitsOn(devices, controller.key),
  }));
  const added: VirtualDeviceConfigSpec[] = [];

  const add = (bus: DiskBus, $type: ControllerType): Room | undefined => {
    // All SCSI adapters of a machine count together, whatever their type.
    const family = rooms.filter((room) => sameFamily(room.bus, bus));
    const taken = new Set(family.map(({ busNumber }) => busNumber));
    const busNumber = upTo(KINDS[bus].most).find((number) => !taken.has(number));
    if (busNumber === undefined || bus === 'ide') return undefined;
    const room = { key: FIRST_CONTROLLER_KEY - added.length, $type, bus, busNumber, used: new Set<number>() };
    rooms.push(room);
    added.push({ operation: 'add', device: newController($type, room.key, busNumber) });
    return room;
  };

  return {
    next(bus, adapter = 'lsiLogicSas') {
      const { units } = KINDS[bus];
      const $type = typeOf(bus, adapter);
      const fits = rooms
        .filter((room) => room.bus === bus && room.used.size < units.length)
        .sort((a, b) => a.busNumber - b.busNumber);
      const room = fits[0] ?? add(bus, $type);
      const unitNumber = room && units.find((unit) => !room.used.has(unit));
      if (!room || unitNumber === undefined) return undefined;
      room.used.add(unitNumber);
      return { controllerKey: room.key, unitNumber };
    },
    added: () => added,
  };
}

const unitsOn = (devices: readonly AnyVirtualDevice[], controller: number): Set<number> =>
  new Set(
    devices.flatMap(({ controllerKey, unitNumber }) =>
      controllerKey === controller && unitNumber !== undefined ? [unitNumber] : [],
    ),
  );

const isScsi = (bus: DiskBus): boolean => bus === 'scsi' || bus === 'paravirtual';
const sameFamily = (a: DiskBus, b: DiskBus): boolean => a === b || (isScsi(a) && isScsi(b));

type ControllerType =
  | 'ParaVirtualSCSIController'
  | (typeof SCSI_TYPES)[ScsiAdapter]
  | 'VirtualAHCIController'
  | 'VirtualNVMEController'
  | 'VirtualIDEController';

function typeOf(bus: DiskBus, adapter: ScsiAdapter): ControllerType {
  if (bus === 'scsi') return SCSI_TYPES[adapter];
  if (bus === 'sata') return 'VirtualAHCIController';
  if (bus === 'nvme') return 'VirtualNVMEController';
  return bus === 'ide' ? 'VirtualIDEController' : 'ParaVirtualSCSIController';
}

function newController($type: ControllerType, key: number, busNumber: number): AnyVirtualDevice {
  if ($type === 'VirtualAHCIController' || $type === 'VirtualNVMEController' || $type === 'VirtualIDEController')
    return { $type, key, busNumber };
  return { $type, key, busNumber, sharedBus: 'noSharing' };
}
