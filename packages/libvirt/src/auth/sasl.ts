import type { Connection } from '../connection.js';
import { authSaslInit, authSaslStart, authSaslStep } from '../gen/session.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { Credentials, Mechanism } from './mechanism.js';
import { scramSha256 } from './scram.js';
import { external, plain } from './simple-mechanisms.js';

/** What decides which mechanisms may be used. */
export interface SaslContext {
  readonly credentials: Credentials | undefined;
  /** True for TLS, ssh and the local socket. */
  readonly confidential: boolean;
}

/** Logs in by the best mechanism that both sides know: SCRAM-SHA-256, EXTERNAL, and PLAIN where nobody can listen. */
export async function authenticateBySasl(
  connection: Connection,
  context: SaslContext,
  options: CallOptions,
): Promise<void> {
  const offered = (await authSaslInit(connection, options)).split(',').filter((name) => name !== '');
  const mechanism = choose(offered, context);
  const nil = mechanism.initial === undefined ? 1 : 0;
  let answer = await authSaslStart(connection, mechanism.name, nil, mechanism.initial ?? Buffer.alloc(0), options);
  while (answer.complete === 0) {
    const response = await mechanism.respond(Buffer.from(answer.data));
    answer = await authSaslStep(connection, 0, response, options);
  }
  // A mechanism's last message may come together with the daemon's word that it is content; we must be, too.
  if (!mechanism.satisfied() && answer.data.length > 0) await mechanism.respond(Buffer.from(answer.data));
  if (!mechanism.satisfied())
    throw new LibvirtError('AUTH_FAILED', 'Daemon ended the login without proving that it knows the password.');
}

function choose(offered: readonly string[], { credentials, confidential }: SaslContext): Mechanism {
  if (credentials && offered.includes('SCRAM-SHA-256')) return scramSha256(credentials);
  if (offered.includes('EXTERNAL')) return external();
  if (credentials && confidential && offered.includes('PLAIN')) return plain(credentials);
  const reason = credentials ? '' : ' No credentials were given.';
  throw new LibvirtError(
    'AUTH_UNAVAILABLE',
    `Daemon offers the SASL mechanisms ${offered.join(', ') || 'none'}, of which none can be used here.${reason}`,
  );
}
