import type { CallOptions } from '../values/call.js';
import type { MachineId, SnapshotId } from '../values/identifiers.js';
import type { Listing } from '../values/listing.js';

/** A snapshot to take. */
export interface SnapshotSpec {
  /** Display text, 1 to 80 characters, no control characters; need not be unique. */
  readonly name: string;
  readonly description?: string;
  /** Also keep the memory of a running machine (capability `snapshots.memory`); default false. */
  readonly memory?: boolean;
  /** Have the guest bring its file systems to rest first (capability `snapshots.quiesce`); fails when it cannot. */
  readonly quiesce?: boolean;
}

/** A point in time of a machine. */
export interface Snapshot {
  readonly id: SnapshotId;
  readonly name: string;
  readonly description?: string;
  readonly createdAt: Date;
  readonly memory: boolean;
  /** The snapshot that this one was taken after; absent for the first. */
  readonly parent?: SnapshotId;
  /** True for the one that the machine continues from. */
  readonly current: boolean;
}

/**
 * Points in time of whole machines: all writable disks together, optionally memory.
 *
 * CONTRACT question 7: see also `volumes.snapshotVolume`. Proven by: `snapshots/create-list-delete`,
 * `snapshots/revert-restores-disk-content`, `snapshots/memory-survives-revert`.
 * CONTRACT question 6: what a driver cannot do while snapshots exist it refuses with `SNAPSHOT.BLOCKS`, the snapshot's
 * id in `heldBy`, before any mutation. Proven by: `snapshots/blocked-operation-is-refused`.
 */
export interface Snapshots {
  /** Takes a snapshot. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `POOL.FULL`, `GUEST.UNAVAILABLE`, `CAPABILITY.CONDITION_UNMET`. */
  create(machine: MachineId, spec: SnapshotSpec, options?: CallOptions): Promise<Snapshot>;
  /** Snapshots of a machine, parents before children. Errors: `MACHINE.NOT_FOUND`. */
  list(machine: MachineId, options?: CallOptions): Listing<Snapshot>;
  /** One snapshot. Errors: `MACHINE.NOT_FOUND`, `SNAPSHOT.NOT_FOUND`. */
  get(machine: MachineId, snapshot: SnapshotId, options?: CallOptions): Promise<Snapshot>;
  /**
   * Brings disks (and memory, where kept) back. Without kept memory the machine is stopped afterwards; with it, it is in
   * the state of that time. The record stays as it is now. Errors: `SNAPSHOT.NOT_FOUND`, `MACHINE.BUSY`, `MACHINE.WRONG_STATE`
   * (running, and the driver reverts stopped machines only).
   */
  revert?(machine: MachineId, snapshot: SnapshotId, options?: CallOptions): Promise<void>;
  /** Forgets a point in time; present disk content is untouched. Succeeds when it is already gone. Errors: `MACHINE.NOT_FOUND`, `SNAPSHOT.BLOCKS`. */
  delete(machine: MachineId, snapshot: SnapshotId, options?: CallOptions): Promise<void>;
}
