const NAME = 'vmware_soap_session';

/** The session's cookie as the server set it, quotes included: it compares the text. Undefined when it set none. */
export function sessionCookie(header: readonly string[] | undefined): string | undefined {
  const set = header?.find((line) => line.startsWith(`${NAME}=`));
  return set?.split(';')[0]?.trim();
}

/** The id in a cookie, without the quotes that some servers put around it. */
export function sessionId(cookie: string): string {
  return cookie.slice(NAME.length + 1).replace(/^"(.*)"$/, '$1');
}
