/** Both ends included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** The ports of one peer on the loopback address of the host's network, which all peers share. */
export interface PeerPorts {
  readonly tcp: number;
  readonly tls: number;
  readonly ssh: number;
  readonly migration: PortRange;
  readonly websocket: PortRange;
  /** VNC and SPICE. */
  readonly display: PortRange;
}

/**
 * 200 ports per slot from 21000 on: above the well-known ones, below Linux's ephemeral range (32768), and never
 * shared by two slots, so that peers of parallel test files do not collide.
 */
export function portsOf(slot: number): PeerPorts {
  const base = 21_000 + slot * 200;
  return {
    tcp: base,
    tls: base + 1,
    ssh: base + 2,
    migration: { min: base + 10, max: base + 59 },
    websocket: { min: base + 60, max: base + 99 },
    display: { min: base + 100, max: base + 199 },
  };
}
