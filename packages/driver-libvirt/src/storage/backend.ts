import type { CallOptions, DiskFormat, ImageSource, TaskProgress, VolumeId } from '@virt-drivers/core';
import type { StoragePool } from '@virt-drivers/libvirt';
import type { NativePool } from '../convert/pool-xml.js';
import type { NativeVolume } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';

/** Where a volume is or comes to be. */
export interface Place {
  readonly session: LibvirtSession;
  readonly pool: StoragePool;
  readonly native: NativePool;
}

/** A volume to be made: all is decided and nobody has its name. */
export interface NewFile {
  /** Made of the name; a store that gives ids itself gives another one. */
  readonly id: VolumeId;
  /** What people call it. */
  readonly name: string;
  readonly sizeBytes: bigint;
  readonly thick: boolean;
}

/** A volume that is there. */
export interface OldFile {
  readonly id: VolumeId;
  readonly native: NativeVolume;
}

/** Told of what is done of long work. */
export type Report = (progress: TaskProgress) => void;

/**
 * One way of keeping volumes. Each is a file of this folder, chosen by the kind of the pool and the format that the
 * volume's name tells: both stay what they are for the volume's life, so that no setting re-interprets it.
 * What makes a volume leaves none after an error. Deciding who may do what to which volume is the callers' part.
 */
export interface Backend {
  readonly name: 'qcow2' | 'raw' | 'iso' | 'ploop' | 'logical' | 'rbd' | 'powerflex';
  readonly format: DiskFormat;
  /** Why it has no volumes whose space is taken when it is written; absent where it has. */
  readonly onlyThick?: string;
  /** Why it has none whose space is set aside; absent where it has. */
  readonly onlyThin?: string;
  /** Key of a volume of this name. */
  keyOf(name: string): string;
  /** Contents in these formats can become a volume. */
  readonly takes: readonly DiskFormat[];
  /** All zeros, whatever was on the disk before. This and what else makes a volume resolves to the id that it got. */
  blank(place: Place, volume: NewFile, options: CallOptions): Promise<VolumeId>;
  /** With the content of a source, grown to the volume's size. */
  fromContent(
    place: Place,
    volume: NewFile & { readonly content: ImageSource },
    report: Report,
    options: CallOptions,
  ): Promise<VolumeId>;
  /** Copy on write over a volume of any pool that it can continue; absent where it cannot. */
  readonly fromImage?: (
    place: Place,
    volume: NewFile & { readonly image: OldFile },
    options: CallOptions,
  ) => Promise<VolumeId>;
  /** An independent copy, converted where formats differ, grown to the volume's size. */
  clone(place: Place, volume: NewFile & { readonly source: OldFile }, options: CallOptions): Promise<VolumeId>;
  /** A device of the host that may grow below a running machine; absent where that must be stopped first. */
  readonly growsBelowMachines?: true;
  /** A file that QEMU does not make larger; absent where it does. */
  readonly growsStoppedOnly?: true;
  /** Grows one that no running machine has, unless it may grow below them. */
  grow(place: Place, volume: OldFile, sizeBytes: bigint, options: CallOptions): Promise<void>;
  /** The whole content; `raw` as a guest reads it. */
  export(place: Place, volume: OldFile, format: DiskFormat, options: CallOptions): AsyncIterable<Uint8Array>;
  /** Deletes it with all that was left of its making. Errors: `VOLUME.NOT_FOUND`, `VOLUME.IN_USE`, `VOLUME.BUSY`. */
  remove(place: Place, id: VolumeId, options: CallOptions): Promise<void>;
  /** Volumes that continue this one. */
  usage(place: Place, volume: OldFile, options: CallOptions): Promise<readonly VolumeId[]>;
  /** Finishes what an interrupted change left of a volume; absent where none leaves anything. May be repeated. */
  readonly settle?: (place: Place, id: VolumeId, options: CallOptions) => Promise<void>;
  /** What it continues, where the host's own description does not tell. */
  readonly base?: (place: Place, id: VolumeId, options: CallOptions) => Promise<VolumeId | undefined>;
}
