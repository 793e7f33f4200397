import type { CallOptions, MachineId } from '@virt-drivers/core';
import {
  DomainDeviceModifyFlags,
  DomainMetadataType,
  DomainXmlFlags,
  domainIsActive,
  domainSetMetadata,
} from '@virt-drivers/libvirt';
import {
  readUnits,
  UNITS_NAMESPACE,
  UNITS_PREFIX,
  unitIdentity,
  unitOf,
  unitsXml,
  type NotedUnit,
} from '../convert/host-unit.js';
import { diskElements } from '../convert/machine-xml.js';
import { aboutMachine, domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';

/** Notes a unit with the machine, in place of an earlier note of it. The caller holds the machine's lock. */
export async function noteUnit(
  session: LibvirtSession,
  id: MachineId,
  unit: NotedUnit,
  options: CallOptions,
): Promise<void> {
  const known = await notedUnits(session, id, options);
  const others = known.filter((other) => unitIdentity(other) !== unitIdentity(unit));
  await writeUnits(session, id, [...others, unit], options);
}

/** What is noted with the stored machine. */
export async function notedUnits(
  { domains }: LibvirtSession,
  id: MachineId,
  options: CallOptions,
): Promise<readonly NotedUnit[]> {
  return readUnits(await domains.document(domainOf(id), options, DomainXmlFlags.Inactive));
}

/** Drops the notes of units that no disk of the machine is any more, and tells which those were. */
export async function dropUnusedNotes(
  session: LibvirtSession,
  id: MachineId,
  options: CallOptions,
): Promise<readonly NotedUnit[]> {
  const documents = await Promise.all(
    [0, DomainXmlFlags.Inactive].map((flags) => session.domains.document(domainOf(id), options, flags)),
  );
  const units = documents.flatMap(readUnits);
  const used = new Set(documents.flatMap(diskElements).flatMap((disk) => unitOf(units, disk)?.device ?? []));
  const stored = documents[1] ? readUnits(documents[1]) : [];
  const dropped = stored.filter(({ device }) => !used.has(device));
  if (dropped.length === 0) return [];
  const kept = stored.filter(({ device }) => used.has(device));
  await writeUnits(session, id, kept, options);
  return dropped;
}

/** To the stored machine and to the one that runs. */
async function writeUnits(
  { daemon }: LibvirtSession,
  id: MachineId,
  units: readonly NotedUnit[],
  options: CallOptions,
): Promise<void> {
  const text = units.length === 0 ? undefined : unitsXml(units);
  const domain = domainOf(id);
  const { Config, Live } = DomainDeviceModifyFlags;
  await daemon.call(aboutMachine(id), options, async (connection, call) => {
    const runs = (await domainIsActive(connection, domain, call)) === 1;
    const flags = runs ? Config | Live : Config;
    const { Element } = DomainMetadataType;
    await domainSetMetadata(connection, domain, Element, text, UNITS_PREFIX, UNITS_NAMESPACE, flags, call);
  });
}
