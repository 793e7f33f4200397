import { machineId } from '@virt-drivers/core';
import type { BootSpec, HostId, Machine, MachineBusy, Nic, VolumeId } from '@virt-drivers/core';
import { readCpu, readMemory } from './cpu-memory-xml.js';
import { readDisk, toDisk, type NativeDisk } from './disk-xml.js';
import { readNote, recordOwner } from './metadata.js';
import { readNic } from './nic-xml.js';
import { nativeState, toState, type NativeState } from './state.js';
import { attribute, child, children, textAt, type Element } from './xml.js';

/** What of a machine is not in its document. */
export interface Circumstances {
  readonly native: NativeState;
  readonly saved: boolean;
  readonly busy?: MachineBusy;
  readonly host: HostId;
  locate(path: string): VolumeId | undefined;
}

export const diskElements = (domain: Element): Element[] => children(child(domain, 'devices'), 'disk');
export const nicElements = (domain: Element): Element[] => children(child(domain, 'devices'), 'interface');
export const readDisks = (domain: Element): NativeDisk[] => diskElements(domain).map(readDisk);
export const readNics = (domain: Element): Nic[] => nicElements(domain).map(readNic);

/** The machine behind a domain's document. */
export function toMachine(domain: Element, about: Circumstances): Machine {
  const note = readNote(domain);
  const owner = recordOwner(domain);
  const description = textAt(domain, 'description');
  return {
    id: machineId(textAt(domain, 'uuid') ?? ''),
    // Machines of others have a title only if somebody gave them one.
    name: textAt(domain, 'title') ?? textAt(domain, 'name') ?? '',
    ...(description === undefined ? {} : { description }),
    state: toState(about.native, about.saved),
    ...(about.busy && { busy: about.busy }),
    host: about.host,
    cpu: readCpu(domain),
    memory: readMemory(domain),
    boot: { ...readFirmware(domain), ...(note.bootOrder && { order: note.bootOrder }) },
    disks: readDisks(domain).map((disk) => toDisk(disk, about.locate)),
    nics: readNics(domain),
    ...(owner === undefined ? {} : { recordOwner: owner }),
    ...(note.createdAt && { createdAt: note.createdAt }),
    native: nativeState(about.native),
  };
}

function readFirmware(domain: Element): BootSpec {
  const loader = child(domain, 'os/loader');
  if (attribute(child(domain, 'os'), 'firmware') !== 'efi' && attribute(loader, 'type') !== 'pflash')
    return { firmware: 'bios' };
  return { firmware: 'uefi', ...(attribute(loader, 'secure') === 'yes' ? { secureBoot: true } : {}) };
}
