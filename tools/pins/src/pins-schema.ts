import valid from 'semver/functions/valid.js';
import validRange from 'semver/ranges/valid.js';
import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1));
const moment = v.pipe(v.string(), v.isoTimestamp());
const version = v.pipe(
  v.string(),
  v.check((value) => valid(value) === value, 'not an exact version'),
);
const range = v.pipe(
  v.string(),
  v.check((value) => validRange(value) !== null, 'not a range of versions'),
);
const sha512 = v.pipe(v.string(), v.regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'not a SHA-512 in base64'));
const tier = v.picklist(['memory', 'peer', 'live']);

const evidence = v.strictObject({
  /** Digest of the conformance report. */
  digest: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, 'not the digest of a report')),
  suite: text,
  tier,
  target: text,
  gaps: v.array(v.strictObject({ id: text, reason: text, until: text })),
});

const provenance = v.strictObject({ repository: text, workflow: text, ref: text, commit: text, builder: text });

const pin = v.strictObject({
  package: text,
  version,
  kind: text,
  state: v.picklist(['approved', 'blocked']),
  reason: text,
  by: text,
  at: moment,
  /** Channels that it is in, and since when. */
  channels: v.record(text, moment),
  /** SHA-512 of the published tarball. */
  integrity: sha512,
  /** SHA-512 over its files, which the loader compares with what is installed. */
  filesDigest: sha512,
  apiVersion: v.optional(v.pipe(v.string(), v.regex(/^\d+\.\d+$/, 'not major.minor'))),
  coreRange: v.optional(range),
  hypervisors: v.array(v.strictObject({ product: text, version: text, tier })),
  conformance: v.array(evidence),
  source: v.optional(v.strictObject({ repository: v.optional(text), commit: v.optional(text) })),
  provenance: v.optional(provenance),
});

const block = v.strictObject({
  package: text,
  range,
  reason: text,
  fixedIn: v.optional(version),
  by: text,
  at: moment,
});

const channel = v.strictObject({
  /** Channel that pins come from; absent where they are added. */
  from: v.optional(text),
  /** Days that a pin must have been in that channel. */
  minimumAgeDays: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  /** How real the endpoint of a driver's proof must have been. */
  evidence: v.optional(tier),
});

/** What a pins.json is. Its JSON schema is pins.schema.json, which a test keeps equal to this. */
export const pinsSchema = v.strictObject({
  $schema: v.optional(text),
  schemaVersion: v.literal(1),
  channels: v.record(text, channel),
  pins: v.array(pin),
  blocks: v.array(block),
});

/** Every pin and block of a team. */
export type PinsFile = v.InferOutput<typeof pinsSchema>;
/** One version of one package, what is known about it, and whether it may be used. */
export type Pin = PinsFile['pins'][number];
/** Versions that must not be used, pinned or not. */
export type Block = PinsFile['blocks'][number];
/** A run of the conformance suite on that version. */
export type Evidence = Pin['conformance'][number];
/** Who built the tarball, as its attestation claims. */
export type Provenance = NonNullable<Pin['provenance']>;
/** How real the endpoint of a proof was. */
export type Tier = Evidence['tier'];
