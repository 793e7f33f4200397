import { DriverError, type CallOptions, type Json, type MachineId } from '@virt-drivers/core';
import { DomainXmlFlags } from '@virt-drivers/libvirt';
import * as v from 'valibot';
import { consoleLogOf } from '../console-log.js';
import type { NativeDisk } from '../convert/disk-xml.js';
import { readDisks } from '../convert/machine-xml.js';
import { formatOf } from '../convert/volume-xml.js';
import { attribute, child, serialize, type Element } from '../convert/xml.js';
import type { LibvirtSession } from '../session.js';

const decimal = v.pipe(v.string(), v.regex(/^\d{1,30}$/));

const leavingVolume = v.object({
  pool: v.string(),
  key: v.string(),
  /** Path, or location in a network store: the same on every host that sees it. */
  location: v.string(),
  format: v.picklist(['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso']),
  sizeBytes: decimal,
  allocatedBytes: decimal,
});

const leavingDisk = v.object({
  id: v.string(),
  /** libvirt's name of the place, `vda`. */
  target: v.string(),
  readOnly: v.boolean(),
  /** Absent for a drive without a medium. */
  volume: v.optional(leavingVolume),
});

const departure = v.object({
  version: v.literal(1),
  endpoint: v.string(),
  uuid: v.string(),
  name: v.string(),
  architecture: v.string(),
  /** `kvm` or `qemu`: what a processor can do depends on it. */
  virtType: v.string(),
  /** libvirt's description of the processor; absent where the machine has the hypervisor's own. */
  cpuXml: v.optional(v.string()),
  memoryBytes: decimal,
  disks: v.array(leavingDisk),
  nics: v.array(v.object({ id: v.string(), network: v.string() })),
  /** The serial port's output is kept in a file of a pool. */
  keepsConsoleLog: v.boolean(),
});

/** What the destination must know of a machine that wants to come: plain JSON without a secret. */
export type Departure = v.InferOutput<typeof departure>;

/** One of its disks. */
export type LeavingDisk = v.InferOutput<typeof leavingDisk>;

/** Describes a machine for its destination. Errors: `MACHINE.NOT_FOUND`, `VOLUME.NOT_FOUND`. */
export async function describeDeparture(session: LibvirtSession, id: MachineId, options: CallOptions): Promise<Json> {
  const { machine, domain } = await session.domains.view(id, options);
  const document = await session.domains.document(domain, options, DomainXmlFlags.Migratable);
  const disks = await Promise.all(readDisks(document).map((disk) => describeDisk(session, disk, options)));
  const cpuXml = ownCpu(document);
  const described: Departure = {
    version: 1,
    endpoint: session.endpoint.id,
    uuid: domain.uuid,
    name: machine.name,
    architecture: attribute(document, 'arch', 'os/type') ?? session.endpoint.host.architecture,
    virtType: attribute(document, 'type') ?? 'qemu',
    ...(cpuXml === undefined ? {} : { cpuXml }),
    memoryBytes: String(machine.memory.maximumBytes ?? machine.memory.sizeBytes),
    disks,
    nics: machine.nics.map(({ id: nic, network }) => ({ id: nic, network })),
    keepsConsoleLog: consoleLogOf(document) !== undefined,
  };
  // Drops members that are undefined, which JSON has no word for.
  const plain: Json = JSON.parse(JSON.stringify(described));
  return plain;
}

async function describeDisk(
  { pools, files }: LibvirtSession,
  { id, target, readOnly, path }: NativeDisk,
  options: CallOptions,
): Promise<LeavingDisk> {
  if (path === undefined) return { id, target, readOnly };
  const volume = await pools.locate(path, options);
  const native = await files.read(volume, options);
  return {
    id,
    target,
    readOnly,
    volume: {
      pool: volume.pool,
      key: volume.key,
      location: path,
      format: formatOf(native),
      sizeBytes: String(native.capacityBytes),
      allocatedBytes: String(native.allocatedBytes),
    },
  };
}

/** Only a model that is spelled out can be compared with another host's. */
function ownCpu(document: Element): string | undefined {
  const cpu = child(document, 'cpu');
  return cpu && attribute(cpu, 'mode') === 'custom' ? serialize(cpu) : undefined;
}

/** Reads such a description. Errors: `REQUEST.INVALID`. */
export function readDeparture(description: Json): Departure {
  const read = v.safeParse(departure, description);
  if (read.success) return read.output;
  throw new DriverError(
    'REQUEST.INVALID',
    'Description of the machine is not one that describe() of this driver made. Ask the source for it again.',
  );
}
