import type { Settings } from './libvirt-configuration.js';
import type { PeerPorts } from './peer-ports.js';
import { saslAccount, type SaslAccount } from './sasl-account.js';
import { sshEndpoint, type SshEndpoint } from './ssh-endpoint.js';
import { tcpEndpoint, type TcpEndpoint } from './tcp-endpoint.js';
import { tlsEndpoint, type TlsEndpoint } from './tls-endpoint.js';

/** Ways to a peer besides its unix socket, on 127.0.0.1; each only when it was asked for. */
export interface EndpointOptions {
  readonly tcp?: boolean;
  readonly tls?: boolean;
  /** Asks for a password too, over TLS; implies `tls`. libvirt accepts SASL passwords on encrypted connections only. */
  readonly sasl?: boolean;
  /** What the daemon offers for `sasl`, in cyrus-sasl's names; `scram-sha-256` when left out. */
  readonly saslMechanisms?: readonly string[];
  readonly ssh?: boolean;
}

export interface Endpoints {
  readonly tcp?: TcpEndpoint;
  readonly tls?: TlsEndpoint;
  readonly sasl?: SaslAccount;
  readonly ssh?: SshEndpoint;
}

/** The programs that the endpoints need beyond libvirt's. */
export function endpointPrograms({ tls, sasl, ssh }: EndpointOptions): string[] {
  return [
    ...(tls || sasl ? ['openssl'] : []),
    ...(sasl ? ['saslpasswd2'] : []),
    ...(ssh ? ['sshd', 'ssh-keygen'] : []),
  ];
}

/** Writes what the endpoints need below `directory`; the settings are for libvirtd.conf. */
export async function prepareEndpoints(
  options: EndpointOptions,
  { directory, name, ports }: { directory: string; name: string; ports: PeerPorts },
): Promise<{ endpoints: Endpoints; settings: Settings; listens: boolean }> {
  const tcp = options.tcp ? tcpEndpoint(ports.tcp) : undefined;
  const tls =
    options.tls || options.sasl ? await tlsEndpoint(directory, ports.tls, options.sasl ? 'sasl' : 'none') : undefined;
  const sasl = options.sasl ? await saslAccount(directory, name, options.saslMechanisms) : undefined;
  const ssh = options.ssh ? await sshEndpoint(directory, ports.ssh) : undefined;
  return {
    endpoints: {
      ...(tcp && { tcp: tcp.endpoint }),
      ...(tls && { tls: tls.endpoint }),
      ...(sasl && { sasl }),
      ...(ssh && { ssh }),
    },
    settings: { listen_addr: '127.0.0.1', listen_tls: 0, ...tcp?.settings, ...tls?.settings },
    listens: tcp !== undefined || tls !== undefined,
  };
}
