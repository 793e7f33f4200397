import type { CallOptions } from '@virt-drivers/core';
import { DriverError } from '@virt-drivers/core';
import { DomainXmlFlags, domainDefineXmlFlags, type Domain } from '@virt-drivers/libvirt';
import { child, serialize, type Element } from './convert/xml.js';
import { aboutMachine } from './domains.js';
import type { LibvirtSession } from './session.js';

/** Changes the stored document, which is all there is of a machine that does not run; what we do not know in it stays. */
export async function editStored(
  { daemon, domains }: LibvirtSession,
  domain: Domain,
  options: CallOptions,
  change: (document: Element) => void,
): Promise<void> {
  const document = await domains.document(domain, options, DomainXmlFlags.Inactive | DomainXmlFlags.Secure);
  change(document);
  const xml = serialize(document);
  await daemon.call(aboutMachine(domain.uuid), options, (connection, call) =>
    domainDefineXmlFlags(connection, xml, 0, call),
  );
}

/** Where a machine's devices are. */
export function devicesOf(document: Element): Element {
  const devices = child(document, 'devices');
  if (devices) return devices;
  throw new DriverError('HOST.FAILED', 'Host sent a machine without devices. Look at its log.');
}
