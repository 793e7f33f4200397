import * as v from 'valibot';
import type { WatchRequest } from '../contract/events.js';
import type { GuestCommand } from '../contract/guest.js';
import type { MigrationPlan, MigrationTicket } from '../contract/migration.js';
import type { PoolObject } from '../contract/remote-volumes.js';
import type { Share } from '../contract/shares.js';
import type { SnapshotSpec } from '../contract/snapshots.js';
import {
  count,
  extensions,
  identifier,
  json,
  line,
  moment,
  positive,
  prose,
  quantity,
  secret,
  volumeId,
  type Shape,
} from './primitives.js';
import { diskFormat } from './volume-schemas.js';

export const snapshotSpec = v.strictObject({
  name: line(80),
  description: v.optional(prose(4096)),
  memory: v.optional(v.boolean()),
  quiesce: v.optional(v.boolean()),
} satisfies Shape<SnapshotSpec>);

export const watchRequest = v.strictObject({
  since: v.optional(v.string()),
  capacity: v.optional(count),
} satisfies Shape<WatchRequest>);

export const guestCommand = v.strictObject({
  path: v.pipe(v.string(), v.minLength(1)),
  args: v.optional(v.array(v.string())),
  environment: v.optional(v.record(v.string(), v.string())),
  input: v.optional(v.instance(Uint8Array)),
  outputLimitBytes: v.optional(quantity),
  credentials: v.optional(v.strictObject({ user: line(256), password: secret })),
} satisfies Shape<GuestCommand>);

export const migrationPlan = v.strictObject({
  machine: identifier,
  host: v.optional(identifier),
  mode: v.picklist(['live', 'offline']),
  disks: v.optional(v.array(v.strictObject({ disk: identifier, pool: identifier, volume: v.optional(volumeId) }))),
  nics: v.optional(v.array(v.strictObject({ nic: identifier, network: identifier }))),
  bandwidth: v.optional(positive),
  downtime: v.optional(positive),
  postCopy: v.optional(v.boolean()),
  encrypt: v.optional(v.boolean()),
  extensions: v.optional(extensions),
} satisfies Shape<MigrationPlan>);

export const migrationTicket = v.strictObject({
  version: v.literal(1),
  driver: v.string(),
  expiresAt: moment,
  machineName: v.string(),
  detail: json,
} satisfies Shape<MigrationTicket>);

export const share = v.strictObject({
  tag: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,36}$/, 'must be 1 to 36 characters of A-Z a-z 0-9 _ -')),
  hostPath: v.pipe(v.string(), v.regex(/^\//, 'must be an absolute path')),
  readOnly: v.boolean(),
} satisfies Shape<Share>);

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const portal = v.strictObject({ host: line(255), port });
const portals = v.pipe(v.array(portal), v.minLength(1));
const lun = v.pipe(v.number(), v.integer(), v.minValue(0));
const user = line(256);

export const remoteConnection = v.variant('protocol', [
  v.strictObject({
    protocol: v.literal('iscsi'),
    portals,
    target: line(223),
    lun,
    initiator: v.optional(line(223)),
    multipath: v.optional(v.boolean()),
    chap: v.optional(
      v.strictObject({ user, password: secret, mutual: v.optional(v.strictObject({ user, password: secret })) }),
    ),
  }),
  v.strictObject({
    protocol: v.literal('rbd'),
    monitors: portals,
    pool: line(255),
    image: line(255),
    user: v.optional(user),
    key: v.optional(secret),
  }),
  v.strictObject({
    protocol: v.literal('nfs'),
    server: line(255),
    exportPath: line(4096),
    file: line(4096),
    format: diskFormat,
  }),
  v.strictObject({
    protocol: v.literal('smb'),
    server: line(255),
    share: line(255),
    file: line(4096),
    format: diskFormat,
    credentials: v.optional(v.strictObject({ user, password: secret })),
  }),
  v.strictObject({
    protocol: v.literal('nbd'),
    server: v.union([portal, v.strictObject({ socket: line(107) })]),
    exportName: v.optional(line(4096)),
    tls: v.optional(v.boolean()),
  }),
  v.strictObject({ protocol: v.literal('nvmeTcp'), portals, subsystem: line(223), namespace: count }),
  v.strictObject({
    protocol: v.literal('fibreChannel'),
    wwpns: v.pipe(v.array(v.string()), v.minLength(1)),
    lun,
    multipath: v.optional(v.boolean()),
  }),
]);

export const poolObject = v.strictObject({ pool: identifier, object: line(255) } satisfies Shape<PoolObject>);
