import { LibvirtError } from './libvirt-error.js';

const TRANSPORTS = ['unix', 'tcp', 'tls', 'ssh'] as const;
export type TransportKind = (typeof TRANSPORTS)[number];

/** A libvirt connection URI, taken apart as libvirt does it. */
export interface LibvirtUri {
  /** `qemu`, `test`, `xen`, `lxc`, `ch`, …; undefined for `remote`, which leaves the choice to the daemon. */
  readonly driver: string | undefined;
  readonly transport: TransportKind;
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string;
  /** The user's own daemon, not the system's, unless the user is root. */
  readonly session: boolean;
  /** The parameters meant for this side: `socket`, `pkipath`, `no_verify`, `command`, `keyfile`, `mode`, … */
  readonly parameters: ReadonlyMap<string, string>;
  /** What the daemon is asked to open; undefined lets it choose. */
  readonly daemonUri: string | undefined;
}

/** Parameters that the client keeps; others are passed on to the daemon. libvirt's documentation of remote URIs */
const CLIENT_PARAMETERS = new Set([
  'name',
  'command',
  'socket',
  'auth',
  'authfile',
  'netcat',
  'proxy',
  'keyfile',
  'no_sanity',
  'no_verify',
  'no_tty',
  'pkipath',
  'known_hosts',
  'known_hosts_verify',
  'sshauth',
  'tls_priority',
  'mode',
]);

/** The URI for messages and logs. A password has no place in it, but it happens. */
export function withoutPassword(text: string): string {
  return text.replace(/(\/\/[^/@:]*):[^/@]*@/, '$1:***@');
}

/** @throws LibvirtError INVALID_ARGUMENT for text that is no libvirt URI or names an unknown transport. */
export function parseUri(text: string): LibvirtUri {
  const url = parse(text);
  const [driver = '', transport] = url.protocol.slice(0, -1).split('+');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const kind = transportOf(text, transport, host);
  checkParameters(text, url, kind);
  return {
    driver: driver === 'remote' ? undefined : driver,
    transport: kind,
    host,
    port: url.port === '' ? undefined : Number(url.port),
    user: decodeURIComponent(url.username),
    // libvirt's rule: the in-memory driver behind a daemon is each user's own.
    session: url.pathname === '/session' || (driver === 'test' && transport !== undefined),
    parameters: new Map(url.searchParams),
    daemonUri: url.searchParams.get('name') ?? (driver === 'remote' ? undefined : daemonUri(driver, url)),
  };
}

function parse(text: string): URL {
  // An explicit check, because URL accepts forms without an authority, in which the path means something else.
  if (/^[a-z][a-z0-9]*(\+[a-z0-9]+)?:\/\//.test(text) && URL.canParse(text)) return new URL(text);
  throw new LibvirtError(
    'INVALID_ARGUMENT',
    `URI ${JSON.stringify(withoutPassword(text))} is not of the form driver[+transport]://[host]/path.`,
  );
}

function transportOf(text: string, transport: string | undefined, host: string): TransportKind {
  if (transport === undefined) return host === '' ? 'unix' : 'tls';
  const known = TRANSPORTS.find((kind) => kind === transport);
  if (!known) {
    throw new LibvirtError(
      'INVALID_ARGUMENT',
      `URI ${withoutPassword(text)} names the transport ${transport}; known are ${TRANSPORTS.join(', ')}.`,
    );
  }
  if ((known === 'unix') !== (host === '')) {
    const rule = known === 'unix' ? 'must not name a host' : 'must name a host';
    throw new LibvirtError('INVALID_ARGUMENT', `URI ${withoutPassword(text)} ${rule} with the transport ${known}.`);
  }
  return known;
}

/** The words that a parameter may have. */
const WORDS: readonly (readonly [parameter: string, pattern: RegExp])[] = [
  ['mode', /^(auto|legacy|direct)$/],
  ['proxy', /^(auto|netcat|native)$/],
  ['auth', /^(polkit|sasl|sasl\.[A-Z0-9_-]+)$/],
  // The language of a TLS library that is not Node's; to ignore it could weaken what was asked for.
  ['tls_priority', /^$/],
];

function checkParameters(text: string, url: URL, transport: TransportKind): void {
  const refuse = (what: string): never => {
    throw new LibvirtError('INVALID_ARGUMENT', `URI ${withoutPassword(text)} ${what}.`);
  };
  if (url.pathname === '/embed') refuse('asks for a driver inside of the program, which only the C library has');
  for (const [name, pattern] of WORDS) {
    const value = url.searchParams.get(name);
    if (value !== null && !pattern.test(value)) refuse(`has ${name}=${value}, which is not supported`);
  }
  if (url.searchParams.get('mode') === 'direct' && transport !== 'unix')
    refuse(`has mode=direct, which the transport ${transport} cannot do`);
}

function daemonUri(driver: string, url: URL): string {
  const passed = [...url.searchParams].filter(([name]) => !CLIENT_PARAMETERS.has(name));
  const query = passed.length === 0 ? '' : `?${new URLSearchParams(passed).toString()}`;
  return `${driver}://${url.pathname === '' ? '/' : url.pathname}${query}`;
}
