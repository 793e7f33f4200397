import { DriverError, type Disk, type DiskId } from '@virt-drivers/core';
import { identityOf, readUnits, unitOf, type HostUnit } from '../convert/host-unit.js';
import { remoteSourceOf, type RemoteProtocol } from '../convert/remote-source.js';
import type { Element } from '../convert/xml.js';
import { diskElementOf } from '../disk-element.js';
import type { DomainView } from '../domains.js';

/** A disk of a machine that is a volume of another system. */
export interface RemoteDisk {
  readonly element: Element;
  readonly identity: string;
  readonly protocol: RemoteProtocol;
  /** Of what the host's own initiator brings in. */
  readonly unit?: HostUnit;
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
  const units = readUnits(document);
  const identity = identityOf(units, element);
  const unit = unitOf(units, element);
  if (identity !== undefined)
    return { element, identity, disk, protocol: remoteSourceOf(element)?.protocol ?? 'iscsi', ...(unit && { unit }) };
  const message = `Disk ${id} of machine ${machine.id} is no remote volume; use volumes.grow for its volume.`;
  throw new DriverError('DISK.CONFLICT', message, { subject: id });
}
