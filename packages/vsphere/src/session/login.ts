import { isVsphereError, protocolViolation } from '../errors/vsphere-error.js';
import { isFault, isVsphereFault } from '../errors/vsphere-fault.js';
import type { ServiceContent } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import { methodNamed, type Method } from '../schema/schema.js';
import type { SoapAnswer, SoapCaller } from '../soap/soap-caller.js';
import { withLimit } from '../wait-limit.js';
import { sessionCookie } from './cookie.js';
import { renewed, type Credentials } from './credentials.js';

const SERVICE: Reference = { type: 'ServiceInstance', value: 'ServiceInstance' };
/** The newest release whose types are in the tables. */
const NEWEST = [6, 7];
const LOGOUT_MS = 5_000;
const WS_SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';

export interface LoggedIn {
  readonly content: ServiceContent;
  readonly cookie: string;
}

/** The method of a name that is certainly in the tables. */
export function shippedMethod(name: string): Method {
  const method = methodNamed(name);
  if (!method) throw protocolViolation(`The tables have no method ${name}.`);
  return method;
}

/** Makes a session. Whatever fails, none is left behind. @throws VsphereFault `InvalidLogin`, …; VsphereError */
export async function logIn(
  caller: SoapCaller,
  credentials: Credentials,
  locale: string,
  signal: AbortSignal,
): Promise<LoggedIn> {
  const first = await caller.call({
    method: shippedMethod('RetrieveServiceContent'),
    target: SERVICE,
    parameters: {},
    cookie: undefined,
    signal,
  });
  // The decoder made it by the table of ServiceContent.
  const content = first.result as ServiceContent;
  caller.apiVersion = versionFor(content.about.apiVersion);
  const begun = sessionCookie(first.headers['set-cookie']);
  const answer = await sendLogin(caller, content, credentials, locale, begun, signal).catch(async (error: unknown) => {
    if (begun !== undefined && !isVsphereFault(error)) await logOutQuietly(caller, { content, cookie: begun });
    throw error;
  });
  const cookie = sessionCookie(answer.headers['set-cookie']) ?? begun;
  if (cookie === undefined) throw protocolViolation('The server gave no session cookie.');
  return { content, cookie };
}

async function sendLogin(
  caller: SoapCaller,
  content: ServiceContent,
  credentials: Credentials,
  locale: string,
  cookie: string | undefined,
  signal: AbortSignal,
): Promise<SoapAnswer> {
  const target = content.sessionManager ?? { type: 'SessionManager', value: 'SessionManager' };
  const call = (name: string, parameters: object, header?: string) =>
    caller.call({ method: shippedMethod(name), target, parameters, cookie, header, signal });
  if ('samlToken' in credentials) {
    const token = await renewed(credentials.samlToken);
    const assertion = token.replace(/^\s*<\?xml[^>]*\?>/, '');
    return call('LoginByToken', { locale }, `<wsse:Security xmlns:wsse="${WS_SECURITY}">${assertion}</wsse:Security>`);
  }
  if ('cloneTicket' in credentials)
    return call('CloneSession', { cloneTicket: await renewed(credentials.cloneTicket) });
  const { username, password } = credentials;
  return call('Login', { userName: username, password, locale });
}

/** Ends a session, as far as the server can still be reached: one that is not ended by us ends by its own time. */
export async function logOutQuietly(caller: SoapCaller, session: LoggedIn): Promise<void> {
  await withLimit('The logout', {}, LOGOUT_MS, async (signal) => {
    // A connection that the server ended meanwhile must not leave the session behind; logging out twice does no harm.
    await logOut(caller, session, signal).catch((error: unknown) => {
      if (!isVsphereError(error) || error.code !== 'CONNECTION_LOST') throw error;
      return logOut(caller, session, signal, true);
    });
  }).catch(() => undefined);
}

/** Ends a session. One that is already gone is no error. */
async function logOut(
  caller: SoapCaller,
  { content, cookie }: LoggedIn,
  signal: AbortSignal,
  again = false,
): Promise<void> {
  const target = content.sessionManager;
  if (!target) return;
  try {
    await caller.call({ method: shippedMethod('Logout'), target, parameters: {}, cookie, signal, again });
  } catch (error) {
    if (!isFault(error, 'NotAuthenticated')) throw error;
  }
}

/** The newest version that both sides speak. */
function versionFor(server: string): string {
  const [major = 0, minor = 0] = server.split('.').map(Number);
  const [ourMajor = 0, ourMinor = 0] = NEWEST;
  return major > ourMajor || (major === ourMajor && minor >= ourMinor) ? NEWEST.join('.') : `${major}.${minor}`;
}
