import { ImageError } from '../image-error.js';
import type { OvfDescriptor, OvfDisk, OvfFile, OvfHardware } from './descriptor.js';
import { readHardware, type PlacedDisk } from './hardware.js';
import { ENVELOPES, VMWARE } from './namespaces.js';
import { bytesPerUnit, wholeNumber } from './quantity.js';
import { childrenOf, parseXml, textOf, type XmlElement } from './xml-element.js';

const MOST_DISKS = 64;

/**
 * Reads an OVF descriptor (DSP0243 1.x and 2.0) of one machine: its disks in the guest's order, and what it is like. What
 * products and properties say is not read. Errors: `ImageError` unsafe, corrupt, unsupported.
 */
export function parseOvf(text: string): OvfDescriptor {
  const envelope = parseXml(text);
  if (envelope.name !== 'Envelope' || !ENVELOPES.includes(envelope.namespace))
    throw new ImageError('corrupt', 'Its descriptor is not an OVF envelope.');
  const files = readFiles(envelope);
  const machine = theMachine(envelope);
  const [section, ...others] = childrenOf(machine, 'VirtualHardwareSection');
  if (!section || others.length > 0)
    throw new ImageError('unsupported', 'Its machine does not have exactly one description of its hardware.');
  const { hardware, placed } = readHardware(section);
  const name = textOf(machine, 'Name') ?? attribute(machine, 'id');
  const guest = guestOf(machine);
  return {
    ...(name !== undefined && { name }),
    files,
    disks: inOrder(readDisks(envelope, files), placed),
    hardware: { ...hardware, ...(guest && { guest }) },
  };
}

function theMachine(envelope: XmlElement): XmlElement {
  const collections = ['VirtualSystemCollection'].flatMap((name) => childrenOf(envelope, name));
  const machines = [envelope, ...collections].flatMap((parent) => childrenOf(parent, 'VirtualSystem'));
  const [machine, ...others] = machines;
  if (!machine || others.length > 0)
    throw new ImageError('unsupported', `It describes ${machines.length} machines, and one is wanted.`);
  return machine;
}

// Writers disagree on whether attributes have a namespace.
const attribute = ({ attributes }: XmlElement, name: string): string | undefined => {
  for (const namespace of ENVELOPES) {
    const value = attributes.get(`{${namespace}}${name}`);
    if (value !== undefined) return value;
  }
  return attributes.get(name);
};

function needed(element: XmlElement, name: string): string {
  const value = attribute(element, name);
  if (value !== undefined && value !== '') return value;
  throw new ImageError('corrupt', `Its descriptor has a ${element.name} without ${name}.`);
}

function readFiles(envelope: XmlElement): readonly OvfFile[] {
  const files = childrenOf(envelope, 'References')
    .flatMap((section) => childrenOf(section, 'File'))
    .map(readFile);
  distinct(
    files.map(({ id }) => id),
    'files',
  );
  distinct(
    files.map(({ href }) => href),
    'files',
  );
  return files;
}

function readFile(element: XmlElement): OvfFile {
  const href = needed(element, 'href');
  if (/[/\\:%\p{C}]/u.test(href) || href === '.' || href === '..')
    throw new ImageError('unsafe', 'Its descriptor names a file that is not beside it.');
  if (attribute(element, 'chunkSize') !== undefined)
    throw new ImageError('unsupported', 'A file of it is cut into chunks.');
  const compression = attribute(element, 'compression') ?? 'identity';
  if (compression !== 'identity' && compression !== '')
    throw new ImageError('unsupported', 'A file of it is compressed as a whole.');
  const size = attribute(element, 'size');
  return {
    id: needed(element, 'id'),
    href,
    ...(size !== undefined && { sizeBytes: wholeNumber(size, 'size of a file') }),
  };
}

function readDisks(envelope: XmlElement, files: readonly OvfFile[]): readonly OvfDisk[] {
  const sections = [...childrenOf(envelope, 'DiskSection'), ...childrenOf(envelope, 'Section')];
  const disks = sections.flatMap((section) => childrenOf(section, 'Disk')).map((element) => readDisk(element, files));
  if (disks.length > MOST_DISKS) throw new ImageError('unsafe', `It describes more than ${MOST_DISKS} disks.`);
  distinct(
    disks.map(({ id }) => id),
    'disks',
  );
  distinct(
    disks.flatMap(({ file }) => file?.id ?? []),
    'disks with the same file',
  );
  return disks;
}

function readDisk(element: XmlElement, files: readonly OvfFile[]): OvfDisk {
  if (attribute(element, 'parentRef') !== undefined)
    throw new ImageError('unsupported', 'A disk of it continues another one.');
  const reference = attribute(element, 'fileRef');
  const file = files.find(({ id }) => id === reference);
  if (reference !== undefined && !file)
    throw new ImageError('corrupt', 'A disk of it is in a file that it does not name.');
  const unit = bytesPerUnit(attribute(element, 'capacityAllocationUnits'));
  const capacityBytes = wholeNumber(needed(element, 'capacity'), 'capacity of a disk') * unit;
  if (capacityBytes === 0n || capacityBytes > 1n << 60n)
    throw new ImageError('corrupt', 'The capacity of a disk of it is zero or absurd.');
  const populated = populatedBytes(element, capacityBytes);
  return {
    id: needed(element, 'diskId'),
    ...(file && { file }),
    capacityBytes,
    capacityUnitBytes: unit,
    ...(populated !== undefined && { populatedBytes: populated }),
    format: formatOf(attribute(element, 'format') ?? ''),
  };
}

function populatedBytes(element: XmlElement, capacity: bigint): bigint | undefined {
  const text = attribute(element, 'populatedSize');
  // Some writers say -1 when they do not know.
  if (text === undefined || text === '-1') return undefined;
  const populated = wholeNumber(text, 'used size of a disk');
  if (populated <= capacity) return populated;
  throw new ImageError('corrupt', 'A disk of it is said to use more than it can hold.');
}

function formatOf(uri: string): OvfDisk['format'] {
  const text = uri.toLowerCase();
  return (['vmdk', 'qcow2', 'vhdx', 'vhd', 'iso', 'raw'] as const).find((word) => text.includes(word)) ?? 'unknown';
}

function inOrder(disks: readonly OvfDisk[], placed: readonly PlacedDisk[]): readonly OvfDisk[] {
  distinct(
    placed.map(({ diskId }) => diskId),
    'drives with the same disk',
  );
  const unknown = placed.find(({ diskId }) => !disks.some(({ id }) => id === diskId));
  if (unknown) throw new ImageError('corrupt', 'A drive of its machine has a disk that is not described.');
  const attached = placed.flatMap(({ diskId, ...place }) =>
    disks.filter(({ id }) => id === diskId).map((disk) => ({ ...disk, ...place })),
  );
  // What is described and hangs nowhere is nobody's disk; saying so is better than dropping it.
  if (attached.length < disks.length)
    throw new ImageError('unsupported', 'It describes a disk that its machine does not have.');
  return attached;
}

function guestOf(machine: XmlElement): OvfHardware['guest'] {
  const [section] = childrenOf(machine, 'OperatingSystemSection');
  if (!section) return undefined;
  const id = attribute(section, 'id');
  const name = section.attributes.get(`{${VMWARE}}osType`);
  return { ...(id !== undefined && /^\d{1,6}$/.test(id) && { id: Number(id) }), ...(name !== undefined && { name }) };
}

function distinct(values: readonly string[], what: string): void {
  if (new Set(values).size < values.length)
    throw new ImageError('corrupt', `Its descriptor has two ${what} of the same name.`);
}
