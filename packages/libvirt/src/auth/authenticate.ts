import type { Connection } from '../connection.js';
import { authList, authPolkit } from '../gen/session.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { CallOptions } from '../rpc/call-options.js';

/** Numbers of remote_auth_type in the protocol definition. */
const AUTH_NONE = 0;
const AUTH_POLKIT = 2;

/** Does what the daemon asks of a new client before it may open a hypervisor. */
export async function authenticate(connection: Connection, options: CallOptions): Promise<void> {
  const offered = await authList(connection, options);
  if (offered.length === 0 || offered.includes(AUTH_NONE)) return;
  if (offered.includes(AUTH_POLKIT)) {
    await authPolkit(connection, options);
    return;
  }
  throw new LibvirtError('AUTH_UNAVAILABLE', 'The daemon asks for SASL, which this version of the library does not speak.');
}
