import type { CallOptions } from '../values/call.js';
import type { HostId, NetworkId } from '../values/identifiers.js';
import type { Bytes, Hertz } from '../values/quantity.js';
import type { Listing } from '../values/listing.js';

/** Where machines run: one managed endpoint's node. */
export interface Host {
  readonly id: HostId;
  /** Display name, as the host calls itself. */
  readonly name: string;
  /** What runs on it and its version, for example `{ product: 'QEMU', version: '7.2.22' }`. Versions are shown, never parsed by core. */
  readonly hypervisor: { readonly product: string; readonly version: string };
  /** Version of the management service that answers us, where it has one of its own. */
  readonly managementVersion?: string;
  readonly state: 'ready' | 'maintenance' | 'unreachable';
  /** Processor architectures that machines can have here, the host's own first: `x86_64`, `aarch64` … */
  readonly architectures: readonly string[];
  /** False where processors are emulated in software. */
  readonly hardwareAcceleration: boolean;
  /** Groups of the endpoint that the host belongs to (cluster, pool of hosts), outermost first. */
  readonly groups: readonly string[];
}

/** What a host has. */
export interface HostInventory {
  readonly cpuCount: number;
  readonly cpuModel?: string;
  readonly cpuRate?: Hertz;
  readonly memoryBytes: Bytes;
  /** Network segments that nics may attach to on this host. */
  readonly networks: readonly { readonly id: NetworkId; readonly name: string }[];
}

/** What of a host is in use, at one moment. */
export interface HostUsage {
  readonly at: Date;
  readonly memoryUsedBytes: Bytes;
  /** 0 to 1 over all processors, averaged by the host over the interval it reports; absent where the host does not say. */
  readonly cpuFraction?: number;
  readonly machinesRunning: number;
}

/**
 * The nodes behind the endpoint.
 *
 * CONTRACT question 2 (one host or many behind one driver?): `hosts` is plural always; a one-host driver lists one;
 * placement is an optional input of `machines.create` (capability `hosts.placement`).
 * Proven by: `hosts/list-is-not-empty`, `hosts/get-agrees-with-list`.
 *
 * CONTRACT question 23 (partial visibility?): listings leave out and count what could not be read; direct access gives
 * `ACCESS.DENIED` naming the missing privilege. Proven by: `errors/partial-visibility-is-counted`.
 */
export interface Hosts {
  /** All hosts. Order is the endpoint's. */
  list(options?: CallOptions): Listing<Host>;
  /** One host. Errors: `HOST.NOT_FOUND`. */
  get(id: HostId, options?: CallOptions): Promise<Host>;
  /** What the host has. Errors: `HOST.NOT_FOUND`. */
  inventory(id: HostId, options?: CallOptions): Promise<HostInventory>;
  /** What is in use now. Errors: `HOST.NOT_FOUND`. */
  usage?(id: HostId, options?: CallOptions): Promise<HostUsage>;
}
