import type {
  Bytes,
  CpuSpec,
  Disk,
  Host,
  HostDevice,
  HostId,
  Machine,
  MachineId,
  MachineRecord,
  MemorySpec,
  NetworkId,
  Nic,
  Pool,
  PoolId,
  Share,
  Snapshot,
  SnapshotId,
  Volume,
  VolumeId,
} from '@virt-drivers/core';
import type { CachedImage, MigrationPlan } from '@virt-drivers/core';
import type { Extents } from '../content/extents.js';
import type { GuestState } from '../guest/guest-state.js';
import type { JournalState } from './journal.js';
import type { AgendaItem } from './agenda.js';

// Plain data: everything here survives the codec of `state-codec.ts`, because a world may live in a file.

/** A node of the endpoint. */
export interface HostState {
  readonly id: HostId;
  readonly name: string;
  state: Host['state'];
  readonly cpuCount: number;
  readonly memoryBytes: Bytes;
  readonly networks: readonly NetworkId[];
  boots: number;
}

/** A pool; what is free follows from its volumes. */
export interface PoolState extends Omit<Pool, 'freeBytes' | 'state'> {
  state: Pool['state'];
}

/** Written blocks of one point in time; what is not in `extents` is in the parent, or zero. */
export interface LayerState {
  readonly id: string;
  readonly parent?: string;
  extents: Extents;
}

/** A frozen point in time of one volume. */
export interface VolumeSnapshotState {
  readonly id: SnapshotId;
  readonly name: string;
  readonly createdAt: Date;
  readonly layer: string;
}

export interface VolumeState extends Pick<Volume, 'id' | 'name' | 'format' | 'base'> {
  sizeBytes: Bytes;
  readonly thick: boolean;
  /** The layer that takes writes. */
  layer: string;
  readonly snapshots: VolumeSnapshotState[];
  /** Digest of the key, and whether the endpoint holds the key now. */
  encryption?: { readonly keyDigest: string; unlocked: boolean };
  /** Set for volumes of the image cache. */
  image?: Pick<CachedImage, 'checksum'> & { lastUsedAt: Date };
}

/** A disk as it is kept: its size is the volume's. */
export type DiskState = { -readonly [K in keyof Omit<Disk, 'sizeBytes'>]: Disk[K] } & {
  /** For a disk of another system: which connection it is, without secrets, and how big. */
  remote?: { connection: string; sizeBytes: Bytes };
};

export type NicState = { -readonly [K in keyof Nic]: Nic[K] };

export interface SnapshotState extends Omit<Snapshot, 'current'> {
  readonly disks: readonly DiskState[];
  /** Volume key to the frozen layer and the size at that time. */
  readonly frozen: Readonly<Record<string, { readonly layer: string; readonly sizeBytes: Bytes }>>;
  /** The running guest and what it had, when memory was kept. */
  readonly running?: {
    readonly state: Machine['state'];
    readonly guest: GuestState;
    readonly cpu: CpuSpec;
    readonly memory: MemorySpec;
  };
  parent?: SnapshotId;
}

export interface MachineEntry {
  readonly id: MachineId;
  name: string;
  description?: string;
  state: Machine['state'];
  busy?: NonNullable<Machine['busy']>;
  /** How far it is on its way to another host. */
  moving?: { readonly totalBytes: Bytes; remainingBytes: Bytes; iteration: number; forced?: boolean };
  host: HostId;
  cpu: CpuSpec;
  memory: MemorySpec;
  readonly boot: Machine['boot'];
  readonly architecture: string;
  readonly family: 'linux' | 'windows' | 'other';
  readonly serialPort: boolean;
  disks: DiskState[];
  nics: NicState[];
  record?: MachineRecord;
  readonly createdAt: Date;
  /** Made by a low-privilege account: the only machines that such an account reads. */
  readonly madeByLow: boolean;
  readonly snapshots: SnapshotState[];
  currentSnapshot?: SnapshotId;
  /** What runs inside, from start to stop. Kept while saved. */
  guest?: GuestState;
  readonly temperament: Temperament;
  serial: SerialState;
  readonly shares: Share[];
  tpm: boolean;
  memoryEncryption: boolean;
}

/** How a machine's guest behaves; see `MemoryMachineExtensions`. */
export interface Temperament {
  readonly guest: 'cooperative' | 'deaf';
  readonly agent: boolean;
}

/** What the first serial port printed: `text` starts at byte `start` of all that was ever printed. */
export interface SerialState {
  start: number;
  text: string;
  /** Who is attached: a token of the attachment and the process it lives in. */
  holder?: { readonly token: string; readonly process: number };
}

/** Somebody is making this volume: its name is taken, but it is not there yet. */
export interface VolumeInMaking {
  readonly pool: PoolId;
  readonly name: string;
  readonly layer: string;
  /** Where content waits that must be decoded first. */
  readonly scratch?: string;
  readonly process: number;
}

/** What was done for a client token. */
export interface TokenState {
  readonly fingerprint: string;
  readonly machine?: MachineId;
  readonly volume?: VolumeId;
}

/** Room that a destination keeps for a machine that is on its way. */
export interface ReservationState {
  readonly id: string;
  readonly plan: MigrationPlan;
  readonly host: HostId;
  /** Disk id to the volume that it will have here. */
  readonly volumes: Readonly<Record<string, VolumeId>>;
  /** Those of them that were made for it and go when it does not come. */
  readonly made: readonly VolumeId[];
  readonly expiresAt: Date;
}

/** All that a world knows. */
export interface WorldState {
  readonly version: 1;
  readonly endpointId: string;
  /** Source of ids that are unique in this world. */
  nextId: number;
  readonly hosts: HostState[];
  readonly networks: { readonly id: NetworkId; readonly name: string }[];
  readonly pools: PoolState[];
  readonly devices: (Omit<HostDevice, 'attachedTo'> & { attachedTo?: MachineId })[];
  /** By volume key, which is unique over all pools. */
  readonly volumes: Record<string, VolumeState>;
  readonly making: VolumeInMaking[];
  readonly layers: Record<string, LayerState>;
  readonly machines: Record<string, MachineEntry>;
  readonly tokens: Record<string, TokenState>;
  readonly reservations: Record<string, ReservationState>;
  /** Sizes of volumes of other systems, by connection, as far as this endpoint has seen them. */
  readonly remoteVolumes: Record<string, Bytes>;
  readonly journal: JournalState;
  readonly agenda: AgendaItem[];
}
