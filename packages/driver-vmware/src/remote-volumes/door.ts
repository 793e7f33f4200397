import type { CallOptions, DiskSpec, MachineId, RemoteConnection } from '@virt-drivers/core';
import type { Reference } from '@virt-drivers/vsphere';
import type { RemoteNote } from '../convert/remote-note.js';
import type { BackingFile } from '../convert/backing-chain.js';
import type { RawDevice } from '../convert/raw-disk.js';
import type { OtherMachine } from './users.js';
import type { Reach } from './reach.js';

/** A connection of one protocol. */
export type ConnectionOf<P extends RemoteConnection['protocol']> = Extract<RemoteConnection, { readonly protocol: P }>;

/** How a disk is to be. */
export type RemoteSpec = Omit<DiskSpec, 'volume'>;

/** What a remote volume is once its door is open. */
export interface OpenedVolume {
  /** What the disk's device will name. */
  readonly backing: string;
  /** By what else another machine's device may name it. */
  readonly names?: readonly string[];
  readonly sizeBytes: bigint;
  readonly file?: BackingFile;
  readonly raw?: RawDevice;
  /** A disk that the server attaches by its own catalogue. */
  readonly object?: { readonly id: string; readonly datastore: Reference<'Datastore'> };
}

/** Whom a door is opened for, and what is known of the others. */
export interface Visit {
  readonly machine: MachineId;
  readonly reach: Reach;
  readonly others: readonly OtherMachine[];
  readonly spec: RemoteSpec;
  readonly options: CallOptions;
}

/** A way to volumes of other systems: what a host must be told before it has them, and how that is taken back. */
export interface Door<C> {
  /** The volume, without any secret: equal for equal volumes. */
  identity(connection: C): string;
  /** What several volumes share, opened and closed one at a time. */
  name(connection: C): string;
  /** What opening will add, for the note that is written before. Refuses what can be refused beforehand. */
  plan(connection: C, visit: Visit): Promise<Pick<RemoteNote, 'hosts' | 'made'>>;
  /** Opens it on all hosts; what was open before stays as it is. */
  open(connection: C, note: RemoteNote, visit: Visit): Promise<OpenedVolume>;
  /** Takes back what was added and nobody else needs. Succeeds when nothing is there. */
  close(note: RemoteNote, others: readonly OtherMachine[], options: CallOptions): Promise<void>;
}
