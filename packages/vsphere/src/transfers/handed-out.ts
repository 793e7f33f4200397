import type { HttpClient } from '../http/http-client.js';
import type { ToldTrust } from '../http/server-trust.js';
import type { Session } from '../session/session.js';
import type { Place } from './transfer.js';

/** The place behind an address that the server handed out: it alone is the right to use it. `told` is a thumbprint that came with it. */
export function handedOut(
  session: Session,
  http: HttpClient,
  address: string,
  about: { readonly what: string; readonly told?: string | undefined },
): Place {
  // `*` is the server that we talk to, which then passes everything on to the host.
  const own = address.match(/^https?:\/\/\*(?::\d+)?(\/.*)$/);
  const url = own?.[1] === undefined ? new URL(address) : new URL(own[1], http.url);
  const same = url.origin === http.url.origin;
  // A pinned certificate is that of the server we talk to, whose word about another host counts.
  const { ca, verify } = http.tls;
  const tls: ToldTrust | undefined = same ? undefined : { ca, verify, told: about.told };
  // The session's cookie is no other host's business.
  return { what: about.what, url, tls, cookie: async () => (same ? session.cookie : undefined) };
}
