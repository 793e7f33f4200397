import * as v from 'valibot';
import type { FacetName } from '../driver/capabilities.js';
import type { FacetTypes } from '../driver/facets.js';
import {
  disk,
  diskLimits,
  diskWithoutVolume,
  machineChange,
  machineDeletion,
  machineFilter,
  machineSpec,
  nic,
  nicLimits,
  recordInput,
} from './machine-schemas.js';
import { identifier, json, line, opaque, positive, secret, token, volumeId } from './primitives.js';
import {
  guestCommand,
  migrationPlan,
  migrationTicket,
  poolObject,
  remoteConnection,
  share,
  snapshotSpec,
  watchRequest,
} from './request-schemas.js';
import {
  blankVolume,
  checksum,
  contentVolume,
  copyVolume,
  exportRequest,
  imageSource,
  knownVolume,
  volumeQuery,
} from './volume-schemas.js';

/** What comes back: a promise, a listing, or a stream of bytes. */
export type MemberKind = 'call' | 'listing' | 'stream';

/** How one member of a facet is called: its arguments before the `CallOptions`, in order. */
export interface MemberSchema {
  readonly kind: MemberKind;
  readonly parameters: readonly v.GenericSchema[];
}

const call = (...parameters: v.GenericSchema[]): MemberSchema => ({ kind: 'call', parameters });
const listing = (...parameters: v.GenericSchema[]): MemberSchema => ({ kind: 'listing', parameters });
const stream = (...parameters: v.GenericSchema[]): MemberSchema => ({ kind: 'stream', parameters });

const id = identifier;
const flag = v.boolean();

/** Every member of every facet. A member without an entry does not compile. */
export const MEMBERS: { readonly [F in FacetName]: { readonly [M in keyof FacetTypes[F]]-?: MemberSchema } } = {
  hosts: { list: listing(), get: call(id), inventory: call(id), usage: call(id) },
  machines: {
    create: call(machineSpec),
    get: call(id),
    find: call(v.strictObject({ recordOwner: token })),
    list: listing(v.optional(machineFilter)),
    update: call(id, machineChange),
    delete: call(id, v.optional(machineDeletion)),
    record: call(id),
    writeRecord: call(id, recordInput, v.strictObject({ ifRevision: v.nullable(v.string()) })),
  },
  power: { start: call(id), stop: call(id), kill: call(id), reset: call(id), reboot: call(id) },
  volumes: {
    pools: listing(),
    pool: call(id),
    list: listing(id),
    get: call(volumeId),
    find: call(volumeQuery),
    create: call(blankVolume),
    createFromContent: call(contentVolume),
    createFromVolume: call(copyVolume),
    grow: call(volumeId, positive),
    export: stream(volumeId, v.optional(exportRequest)),
    delete: call(volumeId),
    resolve: call(knownVolume),
    snapshotVolume: call(volumeId, line(80)),
    volumeSnapshots: listing(volumeId),
    deleteVolumeSnapshot: call(volumeId, id),
  },
  disks: {
    attach: call(id, disk),
    detach: call(id, id),
    changeMedium: call(id, id, v.nullable(volumeId)),
    setLimits: call(id, id, diskLimits),
  },
  nics: {
    attach: call(id, nic),
    detach: call(id, id),
    setLink: call(id, id, flag),
    setLimits: call(id, id, nicLimits),
  },
  events: { watch: call(v.optional(watchRequest)) },
  suspension: { pause: call(id), resume: call(id), save: call(id), restore: call(id), discardSaved: call(id) },
  snapshots: {
    create: call(id, snapshotSpec),
    list: listing(id),
    get: call(id, id),
    revert: call(id, id),
    delete: call(id, id),
  },
  consoles: {
    serial: call(id, v.optional(v.strictObject({ takeOver: v.optional(flag) }))),
    vnc: call(id),
    spice: call(id),
    rdp: call(id),
    mks: call(id),
    log: stream(id, v.optional(v.strictObject({ follow: v.optional(flag) }))),
  },
  guest: {
    ping: call(id),
    info: call(id),
    network: call(id),
    setPassword: call(id, line(256), secret),
    quiesce: call(id),
    exec: call(id, guestCommand),
    readFile: stream(id, line(4096)),
    writeFile: call(id, line(4096), opaque),
  },
  migration: {
    check: call(migrationPlan),
    describe: call(migrationPlan),
    prepare: call(migrationPlan, json),
    start: call(migrationPlan, migrationTicket),
    statistics: call(id),
    force: call(id),
    discard: call(migrationTicket),
  },
  images: { ensure: call(id, imageSource), find: call(id, checksum), list: listing(id), remove: call(id, checksum) },
  diagnostics: { counters: call(id), screenshot: call(id), crashDump: stream(id), interrupt: call(id) },
  maintenance: {
    enter: call(id, v.optional(v.strictObject({ evacuate: v.optional(flag) }))),
    leave: call(id),
    rebootHost: call(id),
    powerOffHost: call(id),
  },
  passthrough: { list: listing(id), attach: call(id, id), detach: call(id, id) },
  shares: { list: call(id), attach: call(id, share), detach: call(id, line(36)) },
  encryption: {
    createVolume: call(blankVolume, secret),
    unlockVolume: call(volumeId, secret),
    lockVolume: call(volumeId),
    setTpm: call(id, flag),
    setMemoryEncryption: call(id, flag),
  },
  remoteVolumes: {
    initiator: call(id),
    attach: call(id, remoteConnection, diskWithoutVolume),
    attachObject: call(id, poolObject, diskWithoutVolume),
    detach: call(id, id),
    extend: call(id, id, positive),
    swap: call(id, id, remoteConnection),
  },
  tasks: { get: call(id), list: listing() },
};
