import * as v from 'valibot';
import { DriverError, type Json } from '@virt-drivers/core';
import { CHANGE_FLOWS, changeRecord, keptRecord } from './change-record.js';
import { diskFormat, diskRecord, type DiskRecord } from './disk-record.js';

export type { DiskRecord };

/**
 * Versions of the record. What an instance needs that is not being changed fits the first, which older managers read too;
 * the second has what they must not misread. Readers refuse newer ones.
 */
export const RECORD_SCHEMA = 2;
const FIRST_SCHEMA = 1;
const FIRST_ROLES = new Set<DiskRecord['role']>(['root', 'ephemeral', 'swap', 'config', 'attached']);

const journal = v.object({
  /** Names one run of one flow. */
  run: v.string(),
  flow: v.picklist(['spawn', 'destroy', ...CHANGE_FLOWS]),
  /** Host name and process that work on it. */
  host: v.string(),
  process: v.string(),
  /** ISO 8601, UTC: when the run began. */
  startedAt: v.string(),
});

const instanceRecord = v.object({
  schema: v.picklist([FIRST_SCHEMA, RECORD_SCHEMA]),
  instanceId: v.string(),
  /** The endpoint that the record was written on. */
  endpointId: v.string(),
  phase: v.picklist(['spawning', 'ready', 'changing', 'destroying']),
  /** Where disks go that were not asked to be elsewhere. */
  pool: v.string(),
  /** Who is at work, while `phase` is not `ready`. */
  journal: v.optional(journal),
  /** Of what was asked for, so that a repeated spawn is known as such. */
  specSha256: v.string(),
  /** Whether the machine was to run when it is complete. */
  start: v.boolean(),
  image: v.optional(
    v.object({
      name: v.string(),
      sha256: v.string(),
      format: diskFormat,
      /** Of the package that the image's disks came in. */
      packageSha256: v.optional(v.string()),
    }),
  ),
  disks: v.array(diskRecord),
  /** While `phase` is `changing`, and afterwards if the instance was destroyed in the middle of it. */
  change: v.optional(changeRecord),
  /** The old state of an instance that was resized, until that is confirmed or reverted. */
  kept: v.optional(keptRecord),
  /** True while the instance runs from a rescue disk. */
  rescued: v.optional(v.boolean()),
});

/** Who works on an instance. */
export type Journal = v.InferOutput<typeof journal>;

/**
 * The canonical record of an instance: what its disks are and where they live. Kept with the machine by the hypervisor;
 * plain JSON with a schema version; never a secret, nor a digest of something that holds one.
 */
export type InstanceRecord = v.InferOutput<typeof instanceRecord>;

/** Reads a record's body. Errors: `REQUEST.CONFLICT` (not ours, newer than this package, damaged). */
export function parseRecord(owner: string, body: Json): InstanceRecord {
  const found = v.safeParse(instanceRecord, body);
  if (found.success && found.output.instanceId === owner) return found.output;
  const schema = typeof body === 'object' && body !== null && 'schema' in body ? body.schema : undefined;
  const why =
    typeof schema === 'number' && schema > RECORD_SCHEMA
      ? `has schema ${schema} and this version reads ${RECORD_SCHEMA}; use a newer version`
      : 'is not one that compute wrote; it is left alone';
  throw new DriverError('REQUEST.CONFLICT', `Record of ${owner} ${why}.`, { subject: owner });
}

/** The record as a body to write, in the oldest schema that can say it. */
export function recordBody(record: InstanceRecord): Json {
  const { phase, change, kept, rescued, disks } = record;
  const plain = ['spawning', 'ready', 'destroying'].includes(phase) && disks.every(({ role }) => FIRST_ROLES.has(role));
  const schema = plain && !change && !kept && !rescued ? FIRST_SCHEMA : RECORD_SCHEMA;
  // Drops members that are undefined, which JSON has no word for.
  const body: Json = JSON.parse(JSON.stringify({ ...record, schema }));
  return body;
}

/** Every volume that goes when the instance goes: present ones, kept ones, and those that a change was about. */
export function ownedDisks({ disks, change, kept }: InstanceRecord): readonly DiskRecord[] {
  const all = [...disks, ...(kept?.disks ?? []), ...(change?.remove ?? [])].filter(({ owned }) => owned);
  return [...new Map(all.map((disk) => [`${disk.pool}/${disk.volumeName}`, disk])).values()];
}
