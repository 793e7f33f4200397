import type { CallOptions } from '../values/call.js';
import type { MachineExtensions } from '../values/extensions.js';
import type { DiskId, HostId, MachineId, TaskId } from '../values/identifiers.js';
import type { Listing } from '../values/listing.js';
import type { NativeDetail } from '../values/native-detail.js';
import type { Bytes } from '../values/quantity.js';
import type { MachineRecord, MachineRecordInput } from '../values/record.js';
import type { Disk, DiskSpec } from './disks.js';
import type { Nic, NicSpec } from './nics.js';

/**
 * What a machine is doing.
 *
 * CONTRACT question 11 (which states?): this closed set, plus the native word as detail. A machine in transition keeps
 * the state it comes from and has `busy` set. `failed` means that the hypervisor gave up on it (crashed, missing parts).
 * Proven by: `power/start-and-kill`, `suspension/pause-and-resume`, `suspension/save-and-restore`.
 */
export type MachineState = 'stopped' | 'running' | 'paused' | 'saved' | 'failed';

/** What is going on with a machine right now. */
export interface MachineBusy {
  /** Short word for people: 'starting', 'migrating', 'snapshot' … */
  readonly operation: string;
  readonly task?: TaskId;
}

/** Processors of a machine. `count` is the product of the topology where that is given. */
export interface CpuSpec {
  readonly count: number;
  readonly topology?: { readonly sockets: number; readonly cores: number; readonly threads: number };
  /** The most that may be hot-added to; default `count`. */
  readonly maximumCount?: number;
  /** Relative weight against other machines of the host; 1,000 is everybody's default. */
  readonly weight?: number;
  /** Absolute ceiling in thousandths of one processor. */
  readonly limitMillicores?: number;
}

/** Memory of a machine. */
export interface MemorySpec {
  readonly sizeBytes: Bytes;
  /** The most that it may grow to while running; default `sizeBytes`. */
  readonly maximumBytes?: Bytes;
}

/** How the machine finds what it boots. */
export interface BootSpec {
  readonly firmware: 'bios' | 'uefi';
  /** Needs `firmware: 'uefi'` and capability `machines.secureBoot`. */
  readonly secureBoot?: boolean;
  /** Tried in this order. Default: disks in their order. */
  readonly order?: readonly ('disk' | 'media' | 'network')[];
}

/** What a new machine shall be. */
export interface MachineSpec {
  /**
   * Display text, 1 to 255 characters, stored exactly; no control characters.
   *
   * CONTRACT question 18 (names?): need not be unique and is never part of a path; native names are the driver's
   * business; look-ups are by id. Proven by: `machines/name-is-stored-exactly`, `machines/hostile-name`.
   */
  readonly name: string;
  /** Free text for people, at most 4,096 characters, stored exactly. */
  readonly description?: string;
  readonly cpu: CpuSpec;
  readonly memory: MemorySpec;
  readonly boot: BootSpec;
  /** In the order in which the guest shall see them. */
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly NicSpec[];
  /** Where to run; needs capability `hosts.placement` when the endpoint has more than one host. */
  readonly host?: HostId;
  /** Processor architecture; default: the host's own. */
  readonly architecture?: string;
  /** Hint for defaults of devices: what will run inside. */
  readonly guestFamily?: 'linux' | 'windows' | 'other';
  /** Serial port whose output the guest's console goes to; default true. */
  readonly serialPort?: boolean;
  readonly record?: MachineRecordInput;
  /**
   * Makes a repeated `create` safe: 1 to 128 characters of `[A-Za-z0-9._:-]`. The same token with an equal spec returns
   * the first machine, with another spec `REQUEST.CONFLICT`.
   */
  readonly clientToken?: string;
  readonly extensions?: MachineExtensions;
}

/** A machine as it is. */
export interface Machine {
  readonly id: MachineId;
  readonly name: string;
  readonly description?: string;
  readonly state: MachineState;
  readonly busy?: MachineBusy;
  readonly host: HostId;
  readonly cpu: CpuSpec;
  readonly memory: MemorySpec;
  readonly boot: BootSpec;
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  /** Owner named in the machine's record; absent when it has none. Read the record itself with `machines.record`. */
  readonly recordOwner?: string;
  readonly createdAt?: Date;
  /** The native state word. Detail only. */
  readonly native?: NativeDetail;
}

/** A change of a machine; absent members stay as they are. */
export interface MachineChange {
  readonly name?: string;
  readonly description?: string;
  readonly cpu?: CpuSpec;
  readonly memory?: MemorySpec;
}

/** What to delete with a machine. */
export interface MachineDeletion {
  /**
   * Disks whose volumes are deleted too. Everything not named here stays.
   *
   * CONTRACT question 4 (what happens to volumes?): `delete` never deletes volumes unless told, per volume.
   * Proven by: `machines/delete-keeps-volumes`, `machines/delete-removes-named-volumes`.
   */
  readonly withVolumesOf?: readonly DiskId[];
  /** Kill the machine first when it is not stopped; default false, which gives `MACHINE.WRONG_STATE`. */
  readonly kill?: boolean;
}

/** Which machines to list. All members given must match. */
export interface MachineFilter {
  readonly host?: HostId;
  readonly state?: MachineState;
  /** Only machines with a record. */
  readonly recorded?: boolean;
}

/**
 * Machines: the only objects that run.
 *
 * CONTRACT question 25 (same call twice?): `create` with the same client token returns the first result; `delete` of
 * the absent succeeds; `update` to what already is succeeds. Proven by the cases of `idempotence/`.
 *
 * CONTRACT question 14 (busy?): `MACHINE.BUSY`, retryable, with who holds it in `heldBy` if known; drivers retry within
 * the deadline. Proven by: `errors/busy-is-retryable`.
 */
export interface Machines {
  /**
   * Makes a machine with its disks and nics; it is stopped afterwards and visible to the next `get`.
   *
   * CONTRACT question 3 (with its disks and nics, or step by step?): `create` takes all; the driver does steps under
   * undo; after a failure nothing remains and the volumes are as before. Proven by: `machines/create-with-disks-and-nics`,
   * `machines/failed-create-leaves-nothing`.
   *
   * Errors: `REQUEST.INVALID`, `REQUEST.CONFLICT`, `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `NETWORK.NOT_FOUND`,
   * `HOST.NOT_FOUND`, `HOST.NOT_ENOUGH_RESOURCES`, `CAPABILITY.CONDITION_UNMET`.
   */
  create(spec: MachineSpec, options?: CallOptions): Promise<Machine>;
  /** One machine. Errors: `MACHINE.NOT_FOUND`. */
  get(id: MachineId, options?: CallOptions): Promise<Machine>;
  /** The machine whose record has this owner, or undefined. Uses the hypervisor's index where it has one. */
  find(query: { readonly recordOwner: string }, options?: CallOptions): Promise<Machine | undefined>;
  /** All machines, also those that nobody of ours made. */
  list(filter?: MachineFilter, options?: CallOptions): Listing<Machine>;
  /**
   * Changes name, description, processors or memory. All of the change happens or none.
   * Errors: `MACHINE.NOT_FOUND`, `MACHINE.BUSY`, `CAPABILITY.CONDITION_UNMET` (for example: only while stopped), `SNAPSHOT.BLOCKS`.
   */
  update(id: MachineId, change: MachineChange, options?: CallOptions): Promise<Machine>;
  /**
   * Removes the machine and all that is the machine's own (snapshots, firmware variables, saved state), but no volume
   * that is not named. Succeeds when the machine is already gone. Idempotent.
   * Errors: `MACHINE.WRONG_STATE`, `MACHINE.BUSY`.
   */
  delete(id: MachineId, deletion?: MachineDeletion, options?: CallOptions): Promise<void>;
  /** The record, or undefined when it has none. Errors: `MACHINE.NOT_FOUND`. */
  record(id: MachineId, options?: CallOptions): Promise<MachineRecord | undefined>;
  /**
   * Writes the record if its revision is still `ifRevision` (`null`: only if there is none), else `RECORD.CONFLICT`.
   * Works in every machine state. Errors: `MACHINE.NOT_FOUND`, `RECORD.CONFLICT`, `RECORD.TOO_LARGE`.
   */
  writeRecord(
    id: MachineId,
    record: MachineRecordInput,
    condition: { readonly ifRevision: string | null },
    options?: CallOptions,
  ): Promise<MachineRecord>;
}
