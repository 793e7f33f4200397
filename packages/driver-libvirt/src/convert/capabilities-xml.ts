import { attribute, child, children, parseXml, textAt } from './xml.js';

/** What a host can run for one architecture. */
export interface NativeGuest {
  readonly architecture: string;
  readonly domainTypes: readonly string[];
  readonly machineTypes: readonly string[];
}

/** libvirt's description of a host, as far as the driver uses it. */
export interface NativeHost {
  readonly uuid?: string;
  readonly architecture: string;
  readonly cpuModel?: string;
  readonly guests: readonly NativeGuest[];
}

export function readCapabilities(xml: string): NativeHost {
  const root = parseXml(xml);
  const host = child(root, 'host');
  const uuid = textAt(host, 'uuid');
  const cpuModel = textAt(host, 'cpu/model');
  const guests = children(root, 'guest').flatMap((guest): NativeGuest[] => {
    const arch = child(guest, 'arch');
    const architecture = attribute(arch, 'name');
    if (architecture === undefined || textAt(guest, 'os_type') !== 'hvm') return [];
    return [
      {
        architecture,
        domainTypes: children(arch, 'domain').map((domain) => attribute(domain, 'type') ?? ''),
        machineTypes: children(arch, 'machine').map((machine) => machine.textContent),
      },
    ];
  });
  return {
    ...(uuid === undefined ? {} : { uuid }),
    architecture: textAt(host, 'cpu/arch') ?? '',
    ...(cpuModel === undefined ? {} : { cpuModel }),
    guests,
  };
}

/** What machines of one kind can have on a host. */
export interface NativeFeatures {
  readonly uefi: boolean;
  readonly secureBoot: boolean;
  readonly spice: boolean;
  readonly vnc: boolean;
}

export function readDomainCapabilities(xml: string): NativeFeatures {
  const root = parseXml(xml);
  const values = (path: string, name: string): readonly string[] => {
    const found = children(child(root, path), 'enum').find((element) => attribute(element, 'name') === name);
    return children(found, 'value').map((value) => value.textContent);
  };
  const graphics = values('devices/graphics', 'type');
  return {
    uefi: values('os', 'firmware').includes('efi'),
    secureBoot: values('os/loader', 'secure').includes('yes'),
    spice: graphics.includes('spice'),
    vnc: graphics.includes('vnc'),
  };
}
