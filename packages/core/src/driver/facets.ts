import type { Consoles } from '../contract/consoles.js';
import type { Diagnostics } from '../contract/diagnostics.js';
import type { Disks } from '../contract/disks.js';
import type { Encryption } from '../contract/encryption.js';
import type { Events } from '../contract/events.js';
import type { Guest } from '../contract/guest.js';
import type { Hosts } from '../contract/hosts.js';
import type { Images } from '../contract/images.js';
import type { Machines } from '../contract/machines.js';
import type { Maintenance } from '../contract/maintenance.js';
import type { Migration } from '../contract/migration.js';
import type { Nics } from '../contract/nics.js';
import type { Passthrough } from '../contract/passthrough.js';
import type { Power } from '../contract/power.js';
import type { RemoteVolumes } from '../contract/remote-volumes.js';
import type { Shares } from '../contract/shares.js';
import type { Snapshots } from '../contract/snapshots.js';
import type { Suspension } from '../contract/suspension.js';
import type { Tasks } from '../contract/tasks.js';
import type { Volumes } from '../contract/volumes.js';
import type { Capabilities, FacetName, KernelFacetName, OptionalFacetName } from './capabilities.js';

/** The interface behind each facet name. */
export interface FacetTypes {
  hosts: Hosts;
  machines: Machines;
  power: Power;
  volumes: Volumes;
  disks: Disks;
  nics: Nics;
  events: Events;
  suspension: Suspension;
  snapshots: Snapshots;
  consoles: Consoles;
  guest: Guest;
  migration: Migration;
  images: Images;
  diagnostics: Diagnostics;
  maintenance: Maintenance;
  passthrough: Passthrough;
  shares: Shares;
  encryption: Encryption;
  remoteVolumes: RemoteVolumes;
  tasks: Tasks;
}

/** The optional members of each facet that exist exactly when a capability key does. One table for types and run time. */
export const CAPABILITY_MEMBERS = {
  hosts: { usage: ['usage'] },
  machines: {},
  power: { stopGuest: ['stop'], rebootGuest: ['reboot'], reset: ['reset'] },
  volumes: {
    fromContent: ['createFromContent'],
    fromVolume: ['createFromVolume'],
    export: ['export'],
    resolve: ['resolve'],
    snapshotVolume: ['snapshotVolume', 'volumeSnapshots', 'deleteVolumeSnapshot'],
  },
  disks: { media: ['changeMedium'], throughputLimit: ['setLimits'] },
  nics: { linkState: ['setLink'], bandwidthLimit: ['setLimits'] },
  events: {},
  suspension: { pause: ['pause', 'resume'], save: ['save', 'restore', 'discardSaved'] },
  snapshots: { revert: ['revert'] },
  consoles: { serial: ['serial'], vnc: ['vnc'], spice: ['spice'], rdp: ['rdp'], mks: ['mks'], log: ['log'] },
  guest: {
    ping: ['ping'],
    info: ['info'],
    network: ['network'],
    setPassword: ['setPassword'],
    quiesce: ['quiesce'],
    exec: ['exec'],
    files: ['readFile', 'writeFile'],
  },
  migration: { live: ['statistics'], force: ['force'] },
  images: {},
  diagnostics: {
    counters: ['counters'],
    screenshot: ['screenshot'],
    crashDump: ['crashDump'],
    interrupt: ['interrupt'],
  },
  maintenance: { rebootHost: ['rebootHost'], powerOffHost: ['powerOffHost'] },
  passthrough: {},
  shares: {},
  encryption: {
    volume: ['createVolume', 'unlockVolume', 'lockVolume'],
    tpm: ['setTpm'],
    memory: ['setMemoryEncryption'],
  },
  remoteVolumes: { poolObject: ['attachObject'], extend: ['extend'], swap: ['swap'] },
  tasks: { list: ['list'] },
} as const satisfies { readonly [F in FacetName]: { readonly [key: string]: readonly (keyof FacetTypes[F])[] } };

/** The facets that every driver has, in the order of the documentation. */
export const KERNEL_FACETS = [
  'hosts',
  'machines',
  'power',
  'volumes',
  'disks',
  'nics',
  'events',
] as const satisfies readonly KernelFacetName[];

/** Every facet, in the order of the documentation. */
export const FACETS = Object.keys(CAPABILITY_MEMBERS) as readonly FacetName[];

type MemberTable = typeof CAPABILITY_MEMBERS;
type MembersOf<F extends FacetName, Key> = Key extends keyof MemberTable[F]
  ? MemberTable[F][Key] extends readonly (infer Member)[]
    ? Member
    : never
  : never;
type Gated<F extends FacetName> = MembersOf<F, keyof MemberTable[F]>;

/** A facet exactly as its capabilities claim: claimed members are required, the others must not be there. */
export type FacetAs<F extends FacetName, Claimed> = Omit<FacetTypes[F], Gated<F> & string> & {
  [M in Extract<MembersOf<F, keyof Claimed>, keyof FacetTypes[F]>]-?: NonNullable<FacetTypes[F][M]>;
} & { [M in Exclude<Extract<Gated<F>, keyof FacetTypes[F]>, MembersOf<F, keyof Claimed>>]?: never };

/** All facets exactly as the capabilities claim: this is what makes a manifest that lies fail to compile. */
export type FacetsAs<C extends Capabilities> = {
  [F in KernelFacetName]: FacetAs<F, C[F]>;
} & {
  [F in Extract<keyof C, OptionalFacetName>]: FacetAs<F, NonNullable<C[F]>>;
} & { [F in Exclude<OptionalFacetName, keyof C>]?: never };

/** All facets as a program sees them that does not know which driver it has. */
export type Facets = { readonly [F in KernelFacetName]: FacetTypes[F] } & {
  readonly [F in OptionalFacetName]?: FacetTypes[F];
};
