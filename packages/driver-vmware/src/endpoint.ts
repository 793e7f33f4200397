import type { Center } from './connection.js';

/** What does not change while the session lasts. */
export interface Endpoint {
  /** The server's own uuid: stable over connections, addresses and names. */
  readonly id: string;
  readonly product: string;
  readonly version: string;
  /** False for a single ESXi host, which has no clusters and moves nothing. */
  readonly isCenter: boolean;
}

/** Reads it from what the server says about itself. */
export function readEndpoint({ content }: Center, host: string): Endpoint {
  const { about } = content;
  return {
    // A single host has no uuid of its own as a server.
    id: about.instanceUuid || host,
    product: about.name,
    version: `${about.version} build ${about.build}`,
    isCenter: about.apiType === 'VirtualCenter',
  };
}
