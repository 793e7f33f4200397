import * as v from 'valibot';
import { DriverError } from '../errors/driver-error.js';

/** One version of one package that somebody judged. */
export interface DriverPin {
  readonly package: string;
  readonly version: string;
  readonly state: 'approved' | 'blocked';
  /** Why it was approved or blocked. */
  readonly reason: string;
  /** Digest of its files as published; see `filesDigest`. */
  readonly filesDigest: string;
}

/** Versions that must not be used, whether they were pinned or not. */
export interface DriverBlock {
  readonly package: string;
  /** Semver range. */
  readonly range: string;
  readonly reason: string;
}

/** What may be loaded, as plain data. A `pins.json` of `@virt-drivers/pins` is of this shape; more fields are ignored. */
export interface DriverPins {
  readonly pins: readonly DriverPin[];
  readonly blocks?: readonly DriverBlock[];
}

const text = v.pipe(v.string(), v.minLength(1));
const schema = v.object({
  pins: v.array(
    v.object({
      package: text,
      version: text,
      state: v.picklist(['approved', 'blocked']),
      reason: v.string(),
      filesDigest: v.pipe(v.string(), v.startsWith('sha512-')),
    }),
  ),
  blocks: v.optional(v.array(v.object({ package: text, range: text, reason: v.string() })), []),
});

/** Checks pins that come from a file. Throws `REQUEST.INVALID`: a list that cannot be read approves nothing. */
export function checkPins(pins: unknown): Required<DriverPins> {
  const result = v.safeParse(schema, pins);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new DriverError(
    'REQUEST.INVALID',
    `The list of pins is not valid at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}. See it with: virt pins list`,
  );
}
