import type { CallOptions, Machine } from '@virt-drivers/core';
import { afterChange } from '@virt-drivers/core/kit';
import { DomainMetadataType, type Domain } from '@virt-drivers/libvirt';
import { recordXml } from '../convert/metadata.js';
import type { DomainView } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { readMachineRecord, setMetadata } from './record.js';

/*
 * What brings a machine back as it was, memory included, brings back its document of that time. Name, description and
 * record in it are older than they may be now, and nobody asked for that: they stay as they are.
 */

/** Reverts a machine, which changes the stored machine, too. */
export async function keepingTexts(
  session: LibvirtSession,
  { domain, machine }: DomainView,
  options: CallOptions,
  revert: () => Promise<unknown>,
): Promise<void> {
  const record = await readMachineRecord(session.daemon, domain, options);
  await revert();
  const xml = record && recordXml(record, record.revision);
  await afterChange(writeTexts(session, domain, machine, xml, options));
}

/** Starts a machine whose memory was saved. The stored machine is left alone by that, so it has what counts. */
export async function renewingTexts(
  session: LibvirtSession,
  { domain, machine }: DomainView,
  options: CallOptions,
  restore: () => Promise<unknown>,
): Promise<void> {
  await restore();
  const record = await afterChange(readMachineRecord(session.daemon, domain, options));
  const xml = record && recordXml(record, record.revision);
  await afterChange(writeTexts(session, domain, machine, xml, options));
}

async function writeTexts(
  { daemon }: LibvirtSession,
  domain: Domain,
  { name, description }: Machine,
  record: string | undefined,
  options: CallOptions,
): Promise<void> {
  await setMetadata(daemon, domain, DomainMetadataType.Title, name, options);
  await setMetadata(daemon, domain, DomainMetadataType.Description, description, options);
  await setMetadata(daemon, domain, DomainMetadataType.Element, record, options);
}
