import type { Connection } from '../connection.js';
import { authSaslInit, authSaslStart, authSaslStep } from '../gen/session.gen.js';
import { LibvirtError } from '../libvirt-error.js';
import type { CallOptions } from '../rpc/call-options.js';
import { credentialsFromFile } from './auth-file.js';
import type { Credentials, Mechanism } from './mechanism.js';
import { scramSha256 } from './scram.js';
import { external, plain } from './simple-mechanisms.js';

/** What decides which mechanisms may be used. */
export interface SaslContext {
  /** What the program gave; else libvirt's file of logins is asked about `host`. */
  readonly credentials: Credentials | undefined;
  readonly host: string;
  /** Another file of logins than the usual ones. */
  readonly authFile: string | undefined;
  /** The only mechanism that may be used; undefined leaves the choice. */
  readonly mechanism: string | undefined;
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
  const credentials = context.credentials ?? (await credentialsFromFile(context.host, context.authFile));
  const mechanism = choose(offered, { ...context, credentials });
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

function choose(all: readonly string[], { credentials, confidential, mechanism }: SaslContext): Mechanism {
  const offered = all.filter((name) => mechanism === undefined || name === mechanism);
  if (credentials && offered.includes('SCRAM-SHA-256')) return scramSha256(credentials);
  if (offered.includes('EXTERNAL')) return external();
  if (credentials && confidential && offered.includes('PLAIN')) return plain(credentials);
  const wish = mechanism === undefined ? '' : ` The URI asks for ${mechanism}.`;
  const reason = credentials ? wish : `${wish} No credentials were given.`;
  throw new LibvirtError(
    'AUTH_UNAVAILABLE',
    `Daemon offers the SASL mechanisms ${all.join(', ') || 'none'}, of which none can be used here.${reason}`,
  );
}
