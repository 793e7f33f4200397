import { DriverError, type Disk, type DiskId } from '@virt-drivers/core';
import { remoteSourceOf, type RemoteSource } from '../convert/remote-source.js';
import type { Element } from '../convert/xml.js';
import { diskElementOf } from '../disk-element.js';
import type { DomainView } from '../domains.js';

/** A disk of a machine that is a volume of another system. */
export interface RemoteDisk {
  readonly element: Element;
  readonly source: RemoteSource;
  readonly disk: Disk;
}

/** Errors: `DISK.NOT_FOUND`, `DISK.CONFLICT` for a disk of the host's own. */
export function remoteOf({ document, machine }: DomainView, id: DiskId): RemoteDisk {
  const element = diskElementOf(document, id);
  const disk = machine.disks.find((candidate) => candidate.id === id);
  if (!element || !disk) {
    const message = `Disk ${id} of machine ${machine.id} is not there; machines.get tells the disks of a machine.`;
    throw new DriverError('DISK.NOT_FOUND', message, { subject: id });
  }
  const source = remoteSourceOf(element);
  if (source) return { element, source, disk };
  const message = `Disk ${id} of machine ${machine.id} is no remote volume; use volumes.grow for its volume.`;
  throw new DriverError('DISK.CONFLICT', message, { subject: id });
}
