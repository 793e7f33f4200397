import type { Settings } from './libvirt-configuration.js';

/** Plain TCP on the loopback address, without any authentication. */
export interface TcpEndpoint {
  /** `qemu+tcp://127.0.0.1:PORT/system` */
  readonly uri: string;
  readonly port: number;
}

export function tcpEndpoint(port: number): { endpoint: TcpEndpoint; settings: Settings } {
  return {
    endpoint: { uri: `qemu+tcp://127.0.0.1:${port}/system`, port },
    settings: { listen_tcp: 1, tcp_port: String(port), auth_tcp: 'none' },
  };
}
