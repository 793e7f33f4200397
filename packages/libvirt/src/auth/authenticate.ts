import type { Connection } from '../connection.js';
import { authList, authPolkit } from '../gen/session.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { SaslContext } from './sasl.js';

/** Numbers of remote_auth_type in the protocol definition. */
const AUTH_NONE = 0;
const AUTH_SASL = 1;
const AUTH_POLKIT = 2;

/** Does what the daemon asks of a new client before it may open a hypervisor. */
export async function authenticate(connection: Connection, context: SaslContext, options: CallOptions): Promise<void> {
  const offered = await authList(connection, options);
  if (offered.length === 0 || offered.includes(AUTH_NONE)) return;
  if (offered.includes(AUTH_POLKIT)) {
    // polkit asks the user by its own agent, or decides by its rules; the daemon answers when it has.
    await authPolkit(connection, options);
    return;
  }
  // Loaded when it is needed: it brings Node's cryptography.
  if (offered.includes(AUTH_SASL)) return (await import('./sasl.js')).authenticateBySasl(connection, context, options);
  throw new LibvirtError('AUTH_UNAVAILABLE', `Daemon asks for an unknown kind of login (${offered.join(', ')}).`);
}
