import type { CallOptions, MachineId } from '@virt-drivers/core';
import { DomainXmlFlags } from '@virt-drivers/libvirt';
import { domainOf } from '../domains.js';
import { dropUnusedNotes } from '../host-initiator/noted-units.js';
import { logOutUnneeded } from '../host-initiator/units.js';
import { forgetSecrets } from '../remote-secrets.js';
import type { LibvirtSession } from '../session.js';

/**
 * Ends what no disk of the machine needs any more, neither of the one that runs nor of the one that is stored: secrets,
 * and logins of the host that no other machine needs.
 */
export async function letGoUnused(session: LibvirtSession, id: MachineId, options: CallOptions): Promise<void> {
  const dropped = await dropUnusedNotes(session, id, options);
  const documents = await Promise.all(
    [0, DomainXmlFlags.Inactive].map((flags) => session.domains.document(domainOf(id), options, flags)),
  );
  await forgetSecrets(session, id, documents, options);
  if (dropped.length > 0 || session.options.hostInitiator !== undefined) await logOutUnneeded(session, options);
}
