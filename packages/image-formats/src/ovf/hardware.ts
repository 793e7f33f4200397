import { ImageError } from '../image-error.js';
import { controllerKind, type OvfController } from './controller.js';
import type { OvfHardware } from './descriptor.js';
import { bytesPerUnit, wholeNumber } from './quantity.js';
import { childrenOf, textOf, type XmlElement } from './xml-element.js';

const PROCESSOR = '3';
const MEMORY = '4';
const ETHERNET = '10';
/** CIM resource types of disks: a drive, and a logical disk. */
const DISKS = new Set(['17', '31']);

/** A disk of the descriptor in a place of the machine. */
export interface PlacedDisk {
  readonly diskId: string;
  readonly controller?: OvfController;
  readonly unitNumber?: number;
}

/** What a virtual hardware section says. */
export interface HardwareSection {
  readonly hardware: Omit<OvfHardware, 'guest'>;
  readonly placed: readonly PlacedDisk[];
}

/** Reads a virtual hardware section. Errors: `ImageError` corrupt. */
export function readHardware(section: XmlElement): HardwareSection {
  const items = ['Item', 'StorageItem', 'EthernetPortItem'].flatMap((name) => childrenOf(section, name));
  const ofType = (type: string): readonly XmlElement[] => items.filter((item) => textOf(item, 'ResourceType') === type);
  const [processor] = ofType(PROCESSOR);
  const [memory] = ofType(MEMORY);
  return {
    hardware: {
      ...(processor && {
        cpuCount: Number(wholeNumber(textOf(processor, 'VirtualQuantity') ?? '', 'count of processors')),
      }),
      ...(memory && { memoryBytes: memoryOf(memory) }),
      nics: ofType(ETHERNET).map(nicOf),
      firmware: firmwareOf(section),
    },
    placed: placedDisks(items),
  };
}

// OVF 1.x without a unit means MiB, as every writer has it.
function memoryOf(item: XmlElement): bigint {
  const quantity = wholeNumber(textOf(item, 'VirtualQuantity') ?? '', 'amount of memory');
  return quantity * bytesPerUnit(textOf(item, 'AllocationUnits') ?? 'MegaBytes');
}

function nicOf(item: XmlElement): OvfHardware['nics'][number] {
  const network = textOf(item, 'Connection');
  const model = textOf(item, 'ResourceSubType');
  return { ...(network !== undefined && { network }), ...(model !== undefined && { model }) };
}

function firmwareOf(section: XmlElement): 'bios' | 'efi' {
  const values = childrenOf(section, 'Config').map(({ attributes }) =>
    [...attributes].map(([name, value]) => `${name.replace(/^\{.*\}/, '')}=${value}`).join(' '),
  );
  return values.some((text) => /\bkey=firmware\b/.test(text) && /\bvalue=efi\b/i.test(text)) ? 'efi' : 'bios';
}

// In the order of the controllers, and then of the places on each: the first is what a machine starts from.
function placedDisks(items: readonly XmlElement[]): readonly PlacedDisk[] {
  const controllers = controllersOf(items);
  const placed = items
    .filter((item) => DISKS.has(textOf(item, 'ResourceType') ?? ''))
    .map((item) => placedDisk(item, controllers));
  const places = placed.flatMap(({ controller, unitNumber }) =>
    controller && unitNumber !== undefined ? [`${controller.kind} ${controller.busNumber}:${unitNumber}`] : [],
  );
  if (new Set(places).size < places.length) throw new ImageError('corrupt', 'Two of its disks are in the same place.');
  const order = [...controllers.values()];
  const rank = ({ controller }: PlacedDisk): number => (controller ? order.indexOf(controller) : order.length);
  return placed.sort((a, b) => rank(a) - rank(b) || (a.unitNumber ?? 0) - (b.unitNumber ?? 0));
}

function controllersOf(items: readonly XmlElement[]): ReadonlyMap<string, OvfController> {
  const found = new Map<string, OvfController>();
  for (const item of items) {
    const kind = controllerKind(textOf(item, 'ResourceType') ?? '', textOf(item, 'ResourceSubType') ?? '');
    const id = textOf(item, 'InstanceID') ?? textOf(item, 'InstanceId');
    if (!kind || id === undefined) continue;
    if (found.has(id)) throw new ImageError('corrupt', 'Two of its controllers have the same id.');
    const address = textOf(item, 'Address') ?? '0';
    found.set(id, { kind, busNumber: /^\d{1,3}$/.test(address) ? Number(address) : 0 });
  }
  return found;
}

function placedDisk(item: XmlElement, controllers: ReadonlyMap<string, OvfController>): PlacedDisk {
  const resource = textOf(item, 'HostResource') ?? '';
  const diskId = /^(?:ovf:)?\/disk\/([^/]+)$/.exec(resource)?.[1];
  if (diskId === undefined) throw new ImageError('unsupported', 'A drive of its machine is not one of its disks.');
  const controller = controllers.get(textOf(item, 'Parent') ?? '');
  const place = textOf(item, 'AddressOnParent');
  return {
    diskId,
    ...(controller && { controller }),
    ...(place !== undefined && { unitNumber: Number(wholeNumber(place, 'place of a disk')) }),
  };
}
