import type { Connection } from '../connection.js';
import { authList, authPolkit } from '../gen/session.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { SaslContext } from './sasl.js';

/** Numbers of remote_auth_type in the protocol definition. */
const AUTH_NONE = 0;
const AUTH_SASL = 1;
const AUTH_POLKIT = 2;

/** Who connects, and how the URI says that they shall prove it. */
export interface AuthContext extends Omit<SaslContext, 'mechanism'> {
  /** `sasl`, `sasl.MECHANISM` or `polkit`; undefined takes what the daemon offers. */
  readonly wanted: string | undefined;
}

/** Does what the daemon asks of a new client before it may open a hypervisor. */
export async function authenticate(connection: Connection, context: AuthContext, options: CallOptions): Promise<void> {
  const offered = await authList(connection, options);
  switch (chosen(offered, context.wanted)) {
    case AUTH_NONE:
      return;
    case AUTH_POLKIT:
      // polkit asks the user by its own agent, or decides by its rules; the daemon answers when it has.
      await authPolkit(connection, options);
      return;
    case AUTH_SASL: {
      const mechanism = context.wanted?.split('.')[1];
      // Loaded when it is needed: it brings Node's cryptography.
      const { authenticateBySasl } = await import('./sasl.js');
      return authenticateBySasl(connection, { ...context, mechanism }, options);
    }
    default:
      throw new LibvirtError('AUTH_UNAVAILABLE', `Daemon asks for an unknown kind of login (${offered.join(', ')}).`);
  }
}

function chosen(offered: readonly number[], wanted: string | undefined): number | undefined {
  if (wanted === undefined)
    return offered.length === 0
      ? AUTH_NONE
      : [AUTH_NONE, AUTH_POLKIT, AUTH_SASL].find((kind) => offered.includes(kind));
  const kind = wanted === 'polkit' ? AUTH_POLKIT : AUTH_SASL;
  if (offered.includes(kind)) return kind;
  throw new LibvirtError('AUTH_UNAVAILABLE', `Daemon does not offer the login ?auth=${wanted} that the URI asks for.`);
}
