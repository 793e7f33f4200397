import * as v from 'valibot';
import type { Json } from '@virt-drivers/core';
import { decimal, diskRecord } from './disk-record.js';

/** Processors and memory as a record keeps them. */
export const machineShape = v.object({
  cpu: v.object({
    count: v.number(),
    topology: v.optional(v.object({ sockets: v.number(), cores: v.number(), threads: v.number() })),
    maximumCount: v.optional(v.number()),
    weight: v.optional(v.number()),
    limitMillicores: v.optional(v.number()),
  }),
  memory: v.object({ sizeBytes: decimal, maximumBytes: v.optional(decimal) }),
});

/** Flows that change an instance and note it in the record while they do. */
export const CHANGE_FLOWS = [
  'rebuild',
  'rescue',
  'unrescue',
  'resize',
  'confirm',
  'revert',
  'attach',
  'detach',
  'extend',
  'swap',
  'image',
  'migrate',
] as const;

/** What the destination's `prepare` answered, as it was: only its driver reads `detail`. */
const migrationTicket = v.object({
  version: v.literal(1),
  driver: v.string(),
  expiresAt: v.string(),
  machineName: v.string(),
  detail: v.custom<Json>((value) => value !== undefined),
});

/**
 * A change that goes on. Whatever the record says while it does is what the instance is: `disks` and `machine` are the old
 * ones before the change commits and the new ones after, so that who finds the record makes the machine agree with it and
 * removes what `remove` names, and needs to know nothing else.
 */
export const changeRecord = v.object({
  flow: v.picklist(CHANGE_FLOWS),
  stage: v.picklist(['forward', 'committed']),
  /** What the machine shall be doing in the end. */
  power: v.picklist(['running', 'stopped']),
  machine: v.optional(machineShape),
  /** Volumes that must not remain: new ones before the change commits, old ones after. */
  remove: v.array(diskRecord),
  /** Disks that the machine may have and must not: they come off, and their volumes stay. */
  loose: v.optional(v.array(diskRecord)),
  /** Where the machine is going, when it moves to another endpoint. */
  to: v.optional(
    v.object({
      endpointId: v.string(),
      ticket: v.optional(migrationTicket),
      /** Volumes that are made there for its disks. */
      volumes: v.optional(v.array(diskRecord)),
    }),
  ),
  /** Where it came from, once it has arrived. */
  from: v.optional(v.object({ endpointId: v.string() })),
});

/** What is kept so that a resize can be reverted. */
export const keptRecord = v.object({ machine: machineShape, disks: v.array(diskRecord) });

/** Processors and memory in a record. */
export type MachineShape = v.InferOutput<typeof machineShape>;
/** A change in a record. */
export type ChangeRecord = v.InferOutput<typeof changeRecord>;
/** The old state in a record. */
export type KeptRecord = v.InferOutput<typeof keptRecord>;
