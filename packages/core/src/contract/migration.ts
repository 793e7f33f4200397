import type { CallOptions } from '../values/call.js';
import type { MigrationExtensions } from '../values/extensions.js';
import type { DiskId, HostId, MachineId, NetworkId, NicId, PoolId, VolumeId } from '../values/identifiers.js';
import type { Json } from '../values/json.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../values/quantity.js';
import type { Task } from '../values/task.js';
import type { Machine } from './machines.js';

/** How a machine is to move. */
export interface MigrationPlan {
  readonly machine: MachineId;
  /** Host to run on afterwards, in the destination's ids; the destination chooses when absent. */
  readonly host?: HostId;
  /** `live`: keeps running. `offline`: a stopped machine's definition (and volumes) move. */
  readonly mode: 'live' | 'offline';
  /** Where each disk's volume is afterwards; disks not named stay where they are, which both sides must then see. */
  readonly disks?: readonly { readonly disk: DiskId; readonly pool: PoolId; readonly volume?: VolumeId }[];
  /** Segment of each nic afterwards, in the destination's ids; nics not named keep the same id. */
  readonly nics?: readonly { readonly nic: NicId; readonly network: NetworkId }[];
  readonly bandwidth?: BitsPerSecond;
  /** The longest that the guest may stand still at the end. */
  readonly downtime?: Nanoseconds;
  /** Finish on the destination even if memory changes faster than it is copied (capability `migration.postCopy`). */
  readonly postCopy?: boolean;
  readonly encrypt?: boolean;
  readonly extensions?: MigrationExtensions;
}

/** What stands in the way; empty means that it can move. */
export interface MigrationObstacle {
  readonly code: 'cpu' | 'storage' | 'network' | 'device' | 'version' | 'resources' | 'state' | 'snapshot' | 'other';
  /** One sentence with the subject first. */
  readonly message: string;
}

/** What the destination prepared, as plain data that may be carried between processes. Contains no secret. */
export interface MigrationTicket {
  readonly version: 1;
  /** Package name of the driver that made it; only the same driver can use it. */
  readonly driver: string;
  readonly expiresAt: Date;
  readonly machineName: string;
  readonly detail: Json;
}

/** How far a migration is. */
export interface MigrationStatistics {
  readonly memoryTotalBytes?: Bytes;
  readonly memoryRemainingBytes?: Bytes;
  readonly diskTotalBytes?: Bytes;
  readonly diskRemainingBytes?: Bytes;
  readonly iteration?: number;
  readonly downtime?: Nanoseconds;
}

/**
 * Moving machines between hosts.
 *
 * CONTRACT question 20 (two sides: who talks to whom?): the destination's `prepare` returns a plain-data ticket, the
 * source's `start(ticket)` does the move; the same two calls work when one driver sees both sides. After `start` failed or
 * was cancelled the machine is on the source as before, and the caller gives the ticket to the destination's `discard`.
 * Proven by: `migration/ticket-is-plain-data`, `migration/moves-and-keeps-running`, `migration/copies-storage`,
 * `migration/abort-leaves-source`, `migration/force-ends-it`.
 */
export interface Migration {
  /** On the source: what would stand in the way, as far as this side can tell. Errors: `MACHINE.NOT_FOUND`. */
  check(plan: MigrationPlan, options?: CallOptions): Promise<readonly MigrationObstacle[]>;
  /** On the source: the machine's description that the destination's `prepare` needs. Errors: `MACHINE.NOT_FOUND`. */
  describe(plan: MigrationPlan, options?: CallOptions): Promise<Json>;
  /**
   * On the destination: makes room (volumes, ports) for it. Errors: `MIGRATION.INCOMPATIBLE`, `POOL.NOT_FOUND`, `POOL.FULL`,
   * `HOST.NOT_ENOUGH_RESOURCES`, `NETWORK.NOT_FOUND`. After an error nothing remains.
   */
  prepare(plan: MigrationPlan, description: Json, options?: CallOptions): Promise<MigrationTicket>;
  /** On the source: moves it. The result is the machine as the destination describes it. Errors of the task: `MIGRATION.FAILED`, `MIGRATION.TICKET_INVALID`. */
  start(plan: MigrationPlan, ticket: MigrationTicket, options?: CallOptions): Promise<Task<Machine>>;
  /** On the source, while it moves. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (does not move). */
  statistics?(id: MachineId, options?: CallOptions): Promise<MigrationStatistics>;
  /**
   * On the source, while it moves: makes it end even if memory changes faster than it is copied, at the cost of the guest,
   * which stands still or runs slowly for the rest. Asking again succeeds. Errors: `MACHINE.NOT_FOUND`,
   * `MACHINE.WRONG_STATE` (does not move).
   */
  force?(id: MachineId, options?: CallOptions): Promise<void>;
  /** On the destination: takes back what `prepare` made. Succeeds when there is nothing left. */
  discard(ticket: MigrationTicket, options?: CallOptions): Promise<void>;
}
