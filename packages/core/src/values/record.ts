import type { Json } from './json.js';

/**
 * What the caller stores with a machine: one small JSON document per owner, kept by the hypervisor itself, so that
 * losing the management process loses nothing.
 *
 * CONTRACT question 19 (where does the record live, how big?): with the machine. At least 16 KiB of JSON are guaranteed
 * (the driver splits it where one native field holds less). It survives restart, rename, snapshot, revert and migration.
 * A native clone must not inherit it as its own: `owner` belongs to one machine, and drivers drop the record from clones.
 * Proven by: `machines/record-holds-16-kib`, `machines/record-compare-and-set`, `snapshots/record-survives-revert`.
 */
export interface MachineRecord {
  /** Caller's id of what owns this machine (for example an instance uuid). 1 to 128 characters of `[A-Za-z0-9._:-]`. */
  readonly owner: string;
  /** Changes with every write. Opaque; compare for equality only. */
  readonly revision: string;
  /** The caller's document. */
  readonly body: Json;
}

/** A record to write. */
export interface MachineRecordInput {
  readonly owner: string;
  readonly body: Json;
}

/** Bytes of JSON text (UTF-8) that every driver takes as a record's body. */
export const RECORD_BYTES_GUARANTEED = 16_384;
