/** A value, or what makes a fresh one whenever the client has to log in. */
export type Renewable = string | (() => Promise<string>);

/**
 * How to log in. A session that expired is replaced by the same means, so a clone ticket, which can be used once, and a
 * token, which expires, are better given as functions.
 */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** A SAML 2.0 bearer assertion, as XML. */
  | { readonly samlToken: Renewable }
  /** Made by another client's `AcquireCloneTicket`. */
  | { readonly cloneTicket: Renewable };

/** The value now. */
export async function renewed(value: Renewable): Promise<string> {
  return typeof value === 'string' ? value : await value();
}
