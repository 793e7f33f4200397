import type { CallOptions } from './call-options.js';
import { clientOver, type Vsphere } from './client.js';
import { invalidArgument } from './errors/vsphere-error.js';
import { HttpClient } from './http/http-client.js';
import type { TlsOptions } from './http/server-trust.js';
import type { Credentials } from './session/credentials.js';
import { Session } from './session/session.js';
import { SoapCaller } from './soap/soap-caller.js';

export interface ConnectOptions extends CallOptions {
  /** For example `https://vcenter.example`; a path is not needed. */
  readonly url: string | URL;
  readonly credentials: Credentials;
  /** The certificate is verified against Node's authorities when absent. */
  readonly tls?: TlsOptions | undefined;
  /** For a call without a deadline, in milliseconds; 60,000 when absent. */
  readonly callTimeoutMs?: number | undefined;
  /** An unused session is touched this often, in milliseconds; 5 minutes when absent, 0 for never. */
  readonly keepAliveMs?: number | undefined;
  /** Of the server's messages; `en_US` when absent. */
  readonly locale?: string | undefined;
  /** What the server's session list shows. */
  readonly userAgent?: string | undefined;
}

/**
 * Logs in to a vCenter or an ESXi host. `signal` and `deadline` are those of the login.
 * @throws VsphereFault `InvalidLogin`, `NoPermission`; VsphereError `CONNECT_FAILED`, `CERTIFICATE_REFUSED`, …
 */
export async function connect(options: ConnectOptions): Promise<Vsphere> {
  const { tls = {}, credentials, callTimeoutMs = 60_000, keepAliveMs = 300_000, locale = 'en_US' } = options;
  const http = new HttpClient(addressOf(options.url), tls);
  const caller = new SoapCaller(http, options.userAgent ?? 'virt-drivers-vsphere');
  try {
    const session = await Session.open(caller, { credentials, locale, callTimeoutMs, keepAliveMs }, options);
    return clientOver(session, http);
  } catch (error) {
    http.close();
    throw error;
  }
}

function addressOf(text: string | URL): URL {
  const url = URL.canParse(String(text)) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw invalidArgument('The url must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '') throw invalidArgument('The url must not contain credentials.');
  return new URL(url.origin);
}
