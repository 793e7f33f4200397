import * as v from 'valibot';
import { DriverError, type Json } from '@virt-drivers/core';

/** Version of the record that this package writes. Readers refuse newer ones. */
export const RECORD_SCHEMA = 1;

const decimal = v.pipe(v.string(), v.regex(/^\d{1,30}$/));
const diskFormat = v.picklist(['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso']);
const volumeId = v.object({ pool: v.string(), key: v.string() });

const diskRecord = v.object({
  role: v.picklist(['root', 'image', 'ephemeral', 'swap', 'config', 'attached']),
  /** Goes when the instance goes. */
  owned: v.boolean(),
  pool: v.string(),
  /** Name of the volume, which finds it when `volume` is not known yet. */
  volumeName: v.string(),
  origin: v.variant('kind', [
    v.object({ kind: v.literal('image'), sha256: v.string(), format: diskFormat }),
    v.object({ kind: v.literal('blank') }),
    v.object({ kind: v.literal('content') }),
    v.object({ kind: v.literal('existing') }),
  ]),
  /** Decimal, in bytes. */
  sizeBytes: decimal,
  format: v.optional(diskFormat),
  serial: v.optional(v.string()),
  /** Known from the moment in which the disk is complete. */
  volume: v.optional(volumeId),
});

const journal = v.object({
  /** Names one run of one flow. */
  run: v.string(),
  flow: v.picklist(['spawn', 'destroy']),
  /** Host name and process that work on it. */
  host: v.string(),
  process: v.string(),
  /** ISO 8601, UTC: when the run began. */
  startedAt: v.string(),
});

const instanceRecord = v.object({
  schema: v.literal(RECORD_SCHEMA),
  instanceId: v.string(),
  /** The endpoint that the record was written on. */
  endpointId: v.string(),
  phase: v.picklist(['spawning', 'ready', 'destroying']),
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
});

/** A disk of an instance as the record keeps it. */
export type DiskRecord = v.InferOutput<typeof diskRecord>;

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

/** The record as a body to write. */
export function recordBody(record: InstanceRecord): Json {
  // Drops members that are undefined, which JSON has no word for.
  const body: Json = JSON.parse(JSON.stringify(record));
  return body;
}
