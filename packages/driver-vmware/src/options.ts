import { DriverError, Secret } from '@virt-drivers/core';
import * as v from 'valibot';

const password = v.pipe(
  v.union([
    v.pipe(v.string(), v.minLength(1)),
    v.custom<Secret>((value) => typeof value === 'object' && value !== null && 'reveal' in value),
  ]),
  v.transform((value) => (typeof value === 'string' ? new Secret(value) : value)),
);
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
const pattern = v.pipe(
  v.string(),
  v.check((text) => isPattern(text), 'must be a regular expression'),
);

const port = v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(65_535));

const SCHEMAS = {
  /** Account; may also stand in the target. */
  username: v.optional(name),
  /** Its password. A text is made a `Secret` at once. */
  password: v.optional(password),
  /** File of this computer that the password is read from; only its owner may be able to read it. */
  passwordFile: v.optional(name),
  /** A SAML 2.0 bearer assertion of the vCenter's single sign-on, as XML, instead of account and password. */
  token: v.optional(password),
  /** File of this computer with such an assertion, read at every login: whoever renews the file renews the sessions. */
  tokenFile: v.optional(name),
  /** Authorities to trust, in PEM, or the SHA-256 of the only certificate to trust. `verify: false` trusts any. */
  tls: v.optional(
    v.strictObject({
      ca: v.optional(v.string()),
      thumbprint: v.optional(v.string()),
      verify: v.optional(v.literal(false)),
    }),
  ),
  /** Datacenter, where there are several; may also stand in the target. */
  datacenter: v.optional(name),
  /** Folder of virtual machines for new ones, as a path below the datacenter's: `clouds/tenant-a`. Default: the top. */
  folder: v.optional(name),
  /** Resource pool for new machines, as a path below the host's or cluster's own: `production`. */
  resourcePool: v.optional(name),
  /** Only datastores whose name matches are pools. A regular expression, unanchored. */
  datastores: v.optional(pattern),
  /** Storage policy of new machines and disks, by name; only datastores that can keep it are pools. */
  storagePolicy: v.optional(name),
  /** Hardware version of new machines, for example `vmx-19`; default: the host's newest. */
  hardwareVersion: v.optional(v.pipe(v.string(), v.regex(/^vmx-\d{2}$/, 'must be like vmx-19'))),
  /** How units of storage systems are mapped: `virtual` (default) or `physical`, where the guest's SCSI commands reach them. */
  rawDevices: v.optional(v.picklist(['virtual', 'physical'])),
  /**
   * Ports of hosts that new machines' serial ports are reached at, one each; `first` to `last`. Without it they have none.
   * Nothing protects such a port but the network that it is in.
   */
  serialPorts: v.optional(
    v.pipe(
      v.strictObject({ first: port, last: port }),
      v.check(({ first, last }) => first <= last, 'must begin with its first port'),
    ),
  ),
  /** Account in guests that VMware Tools act for, where a call names none. */
  guest: v.optional(v.strictObject({ username: name, password })),
  /** Seconds that opening may take when the caller gives no deadline; default 30. */
  connectSeconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(600))),
} as const;

const schema = v.strictObject(SCHEMAS);

/** Options of the vSphere driver; all but the credentials have defaults. */
export type VmwareDriverOptions = v.InferInput<typeof schema>;

/** The options after their check. */
export type CheckedOptions = v.InferOutput<typeof schema>;

/** Checks options that came from configuration. Errors: `REQUEST.INVALID`, naming the option but never its value. */
export function checkOptions(options: Readonly<Record<string, unknown>>): CheckedOptions {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(SCHEMAS, key));
  if (unknown !== undefined)
    throw new DriverError(
      'REQUEST.INVALID',
      `Option ${unknown} is unknown; known are ${Object.keys(SCHEMAS).join(', ')}.`,
    );
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = issue.path?.map(({ key }) => String(key)).join('.') ?? 'options';
  const rule = issue.type === 'check' || issue.type === 'regex' ? issue.message : 'has a wrong value';
  throw new DriverError('REQUEST.INVALID', `Option ${where} ${rule}. See the driver's README for what it takes.`);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}
