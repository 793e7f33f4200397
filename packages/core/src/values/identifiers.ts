declare const kind: unique symbol;

/** An opaque identifier: compare it, store it, never take it apart. */
export type Identifier<Kind extends string> = string & { readonly [kind]: Kind };

/**
 * Identity of a machine, chosen by the driver, unique within one opened driver, and stable for the machine's life:
 * across rename, restart of the host's services, snapshot revert and migration inside one endpoint.
 *
 * CONTRACT question 1 (who chooses a machine's id?): the driver does. The caller's own instance id lives in the
 * {@link MachineRecord} and is found by `machines.find({ recordOwner })`.
 * Proven by: `machines/id-is-stable`, `machines/find-by-record-owner`.
 */
export type MachineId = Identifier<'machine'>;

/** Identity of a host behind the opened driver. Stable across restarts of the host. */
export type HostId = Identifier<'host'>;

/** Identity of a pool, the place where volumes live. */
export type PoolId = Identifier<'pool'>;

/** Identity of a network segment that nics attach to. */
export type NetworkId = Identifier<'network'>;

/** Identity of a disk, the attachment of a volume to a machine. Unique within its machine. */
export type DiskId = Identifier<'disk'>;

/** Identity of a nic, the attachment of a machine to a network. Unique within its machine. */
export type NicId = Identifier<'nic'>;

/** Identity of a snapshot. Unique within its machine (or volume). */
export type SnapshotId = Identifier<'snapshot'>;

/** Identity of a task. Where the capability `tasks` is present, a new process may resume the task by it. */
export type TaskId = Identifier<'task'>;

/**
 * Identity of a volume: its pool and a key that only the driver understands. Stable while the driver is the only mover.
 *
 * CONTRACT question 5 (what is a volume's identity?): pool + opaque key; after somebody else moved it,
 * `volumes.resolve` finds it again; a disk always tells its volume as it is now.
 * Proven by: `volumes/id-is-stable`, `disks/disk-knows-its-volume`.
 */
export interface VolumeId {
  readonly pool: PoolId;
  readonly key: string;
}

/** Brands a string that came from storage or from a person; the driver still decides whether it names anything. */
export const machineId = (text: string): MachineId => text as MachineId;
/** Brands a string as {@link HostId}. */
export const hostId = (text: string): HostId => text as HostId;
/** Brands a string as {@link PoolId}. */
export const poolId = (text: string): PoolId => text as PoolId;
/** Brands a string as {@link NetworkId}. */
export const networkId = (text: string): NetworkId => text as NetworkId;
/** Brands a string as {@link DiskId}. */
export const diskId = (text: string): DiskId => text as DiskId;
/** Brands a string as {@link NicId}. */
export const nicId = (text: string): NicId => text as NicId;
/** Brands a string as {@link SnapshotId}. */
export const snapshotId = (text: string): SnapshotId => text as SnapshotId;
/** Brands a string as {@link TaskId}. */
export const taskId = (text: string): TaskId => text as TaskId;

/** True when both name the same volume. */
export const sameVolume = (a: VolumeId, b: VolumeId): boolean => a.pool === b.pool && a.key === b.key;
