import type { Credentials, Mechanism } from './mechanism.js';

/** PLAIN (RFC 4616) sends the password itself: only for a transport that nobody can listen to. */
export function plain({ username, password }: Credentials): Mechanism {
  return said('PLAIN', Buffer.from(`\0${username}\0${password}`));
}

/** EXTERNAL (RFC 4422): the transport has already proven who connects, by a client certificate. */
export function external(): Mechanism {
  return said('EXTERNAL', Buffer.alloc(0));
}

function said(name: string, initial: Buffer): Mechanism {
  return { name, initial, respond: () => Promise.resolve(Buffer.alloc(0)), satisfied: () => true };
}
