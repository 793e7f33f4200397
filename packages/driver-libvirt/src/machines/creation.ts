import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type Machine,
  type MachineSpec,
} from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { domainDefineXmlFlags, domainLookupByName, nodeGetInfo } from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { consoleLogPath } from '../console-log.js';
import type { DiskPlan } from '../convert/disk-xml.js';
import { domainXml, type DomainPlan } from '../convert/domain-xml.js';
import { readNote } from '../convert/metadata.js';
import type { NicPlan } from '../convert/nic-xml.js';
import { busOf, createDiskPlanner, refuseTooManyDisks } from '../disk-planning.js';
import { aboutMachine, domainOf } from '../domains.js';
import type { Endpoint } from '../endpoint.js';
import { checkExtensions } from '../extensions.js';
import { domainName, specHash } from '../identity.js';
import { planNic } from '../nic-planning.js';
import type { LibvirtSession } from '../session.js';
import { givingVolumes } from '../storage/powerflex-mapping.js';
import { undefine } from './deletion.js';
import { recordTextChecked } from './record.js';

/** Makes a machine. Everything is decided and checked first; then one call makes it, or nothing does. */
export async function createMachine(
  session: LibvirtSession,
  spec: MachineSpec,
  options: CallOptions,
): Promise<Machine> {
  const uuid = randomUUID();
  return session.locks.run(domainName(uuid, spec.clientToken), options, async () => {
    const earlier = await findEarlier(session, spec, options);
    if (earlier) return earlier;
    await refuseImpossible(session, spec, options);
    const xml = domainXml(await planDomain(session, spec, uuid, options));
    const volumes = spec.disks.flatMap(({ volume }) => volume ?? []);
    try {
      return await givingVolumes(session, volumes, options, () => defineMachine(session, spec, uuid, xml, options));
    } catch (error) {
      // Another process may have been faster with the same token: libvirt took its definition and refused ours.
      const faster = await findEarlier(session, spec, options);
      if (faster) return faster;
      throw error;
    }
  });
}

async function defineMachine(
  session: LibvirtSession,
  spec: MachineSpec,
  uuid: string,
  xml: string,
  options: CallOptions,
): Promise<Machine> {
  const id = machineId(uuid);
  return withUndo(async (undo) => {
    undo.push(`machine ${id}`, (own) => undefine(session, domainOf(id), own));
    await session.daemon.call(
      { ...aboutMachine(id), what: `New machine "${spec.name}"` },
      options,
      (connection, call) => domainDefineXmlFlags(connection, xml, 0, call),
    );
    return (await session.domains.view(id, options)).machine;
  });
}

/** The machine that the same token made. Errors: `REQUEST.CONFLICT` when it was made from another spec. */
async function findEarlier(
  session: LibvirtSession,
  spec: MachineSpec,
  options: CallOptions,
): Promise<Machine | undefined> {
  if (spec.clientToken === undefined) return undefined;
  const name = domainName('', spec.clientToken);
  try {
    const about = { what: `Machine ${name}`, subject: name, reads: true };
    const { uuid } = await session.daemon.call(about, options, (connection, call) =>
      domainLookupByName(connection, name, call),
    );
    const { machine, document } = await session.domains.view(machineId(uuid), options);
    if (readNote(document).specHash === specHash(spec)) return machine;
    const text = `Client token ${spec.clientToken} was used for machine ${uuid} with another spec. Use a new token for a new machine.`;
    throw new DriverError('REQUEST.CONFLICT', text, { subject: uuid });
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
}

async function refuseImpossible(
  { endpoint, daemon }: LibvirtSession,
  spec: MachineSpec,
  options: CallOptions,
): Promise<void> {
  if (spec.host !== undefined && spec.host !== endpoint.hostId) {
    throw new DriverError(
      'HOST.NOT_FOUND',
      `Host ${spec.host} is not there; this endpoint is host ${endpoint.hostId}.`,
      { subject: spec.host },
    );
  }
  refuseFirmware(endpoint, spec);
  refuseTooManyDisks(`"${spec.name}"`, spec.disks.length);
  const { memory } = await daemon.call({ what: 'Host', reads: true }, options, nodeGetInfo);
  const most = spec.memory.maximumBytes ?? spec.memory.sizeBytes;
  if (most > memory * 1024n) {
    throw new DriverError(
      'HOST.NOT_ENOUGH_RESOURCES',
      `Host ${endpoint.hostName} has ${memory} KiB of memory, not ${most} bytes.`,
    );
  }
}

function refuseFirmware({ product, features }: Endpoint, { name, boot }: MachineSpec): void {
  const lacksUefi = boot.firmware === 'uefi' && !features.uefi;
  const lacksSecureBoot = boot.secureBoot === true && !features.secureBoot;
  if (!lacksUefi && !lacksSecureBoot) return;
  if (product === 'TEST')
    throw new DriverError(
      'CAPABILITY.ABSENT',
      `Machine "${name}" cannot have firmware uefi: libvirt’s test driver has none.`,
    );
  const value = lacksUefi ? 'ovmf' : 'ovmf-secure';
  const reason = 'The host has no such firmware; install the package ovmf (or edk2-ovmf) there.';
  throw new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine "${name}" cannot have ${lacksUefi ? 'firmware uefi' : 'secure boot'}. ${reason}`,
    {
      condition: { needs: 'host-feature', value, reason },
    },
  );
}

async function planDomain(
  session: LibvirtSession,
  spec: MachineSpec,
  uuid: string,
  options: CallOptions,
): Promise<DomainPlan> {
  const { endpoint } = session;
  const extensions = checkExtensions(spec.extensions);
  if (spec.record) recordTextChecked(spec.record);
  const architecture = architectureOf(session, spec);
  const type = extensions.virtType ?? (await session.virtType(architecture, options));
  const machineType = extensions.machineType ?? session.options.machineType ?? usualMachineType(architecture);
  const cpuMode = extensions.cpuMode ?? (type === 'kvm' ? 'host-model' : undefined);
  const { disks, nics } = await planDevices(session, spec, uuid, options);
  const consoleLog = await consoleLogPath(session, uuid, spec, options);
  const { graphicsPassword: password, graphicsPasswordValidTo: validTo } = extensions;
  return {
    uuid,
    nativeName: domainName(uuid, spec.clientToken),
    type: endpoint.product === 'TEST' ? 'test' : type,
    architecture,
    graphics: extensions.graphics ?? session.options.graphics ?? (endpoint.features.vnc ? 'vnc' : 'none'),
    spec,
    recordRevision: randomUUID(),
    note: {
      createdAt: new Date(),
      ...(spec.clientToken === undefined ? {} : { clientToken: spec.clientToken, specHash: specHash(spec) }),
      ...(spec.boot.order && { bootOrder: spec.boot.order }),
    },
    disks,
    nics,
    ...(endpoint.product === 'QEMU' && machineType !== undefined ? { machineType } : {}),
    ...(cpuMode === undefined ? {} : { cpuMode }),
    ...(password && {
      screenPassword: { password: password.reveal(), ...(validTo === undefined ? {} : { validTo: new Date(validTo) }) },
    }),
    ...(consoleLog === undefined ? {} : { consoleLog }),
  };
}

function architectureOf(
  { endpoint: { host } }: LibvirtSession,
  { architecture = host.architecture }: MachineSpec,
): string {
  const known = host.guests.map((guest) => guest.architecture);
  if (known.includes(architecture)) return architecture;
  throw new DriverError(
    'REQUEST.INVALID',
    `Architecture ${architecture} cannot run here; this host runs ${known.join(', ')}.`,
  );
}

const usualMachineType = (architecture: string): string | undefined =>
  ({ x86_64: 'q35', i686: 'q35', aarch64: 'virt', armv7l: 'virt', riscv64: 'virt' })[architecture];

async function planDevices(
  session: LibvirtSession,
  spec: MachineSpec,
  uuid: string,
  options: CallOptions,
): Promise<{ readonly disks: readonly DiskPlan[]; readonly nics: readonly NicPlan[] }> {
  const planner = createDiskPlanner(session, machineId(uuid), [], options);
  const orders = bootOrders(spec);
  const disks: DiskPlan[] = [];
  for (const [index, disk] of spec.disks.entries()) disks.push(await planner.plan(disk, orders.disks[index]));
  refuseTwice(disks);
  const nics = await Promise.all(spec.nics.map((nic, index) => planNic(session, nic, options, orders.nics[index])));
  return { disks, nics };
}

/** Boot numbers of devices, from 1; without an order, disks in theirs. */
function bootOrders({ boot, disks, nics }: MachineSpec): {
  readonly disks: readonly (number | undefined)[];
  readonly nics: readonly (number | undefined)[];
} {
  const wanted = disks.map((disk, index) => ({ kind: disk.device ?? 'disk', index, bus: busOf(disk) }));
  const numbered = new Map<string, number>();
  for (const kind of boot.order ?? (['disk', 'media'] as const)) {
    if (kind === 'network') nics.forEach((_, index) => numbered.set(`nic ${index}`, numbered.size + 1));
    else for (const disk of wanted) if (disk.kind === kind) numbered.set(`disk ${disk.index}`, numbered.size + 1);
  }
  return {
    disks: disks.map((_, index) => numbered.get(`disk ${index}`)),
    nics: nics.map((_, index) => numbered.get(`nic ${index}`)),
  };
}

function refuseTwice(disks: readonly DiskPlan[]): void {
  const paths = disks.flatMap(({ chain }) => chain[0]?.path ?? []);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return;
  throw new DriverError(
    'REQUEST.INVALID',
    `Volume at ${twice} is named by two disks of one machine; name each volume once.`,
  );
}
