import { DriverError, type MachineExtensions, type VolumeExtensions } from '@virt-drivers/core';
import * as v from 'valibot';
import { GROUP_POLICIES } from './convert/group-rule.js';

const text = (pattern: RegExp) => v.optional(v.pipe(v.string(), v.regex(pattern)));

const SCHEMAS = {
  /** vSphere's name of the guest system, for example `debian11_64Guest`; default: by `guestFamily`. */
  guestId: text(/^[A-Za-z0-9_]{1,64}$/),
  /** Hardware version, for example `vmx-19`. */
  hardwareVersion: text(/^vmx-\d{2}$/),
  /** Adapter behind bus `scsi`; default `lsiLogicSas`. */
  scsiAdapter: v.optional(v.picklist(['lsiLogic', 'lsiLogicSas', 'busLogic'])),
  /**
   * Server group: machines of one name that a cluster's scheduler keeps on one host, or on different ones. The soft
   * policies give way where they cannot be kept; with the others such a machine does not start.
   */
  group: v.optional(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[\w .:-]{1,60}$/)),
      policy: v.picklist(GROUP_POLICIES),
    }),
  ),
  /** Advanced settings by key. Keys of this driver cannot be given. */
  extraConfig: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^(?!virt-drivers\.)[\w.:-]{1,255}$/)), v.pipe(v.string(), v.maxLength(4096))),
  ),
} as const;

const schema = v.strictObject(SCHEMAS);

/** What only vSphere's machines have. */
export type VmwareMachineExtensions = v.InferInput<typeof schema>;

const VOLUME_SCHEMAS = {
  /** Name of the storage policy of this volume's disk; default: that of the options. */
  storagePolicy: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(255))),
} as const;

const volumeSchema = v.strictObject(VOLUME_SCHEMAS);

/** What only vSphere's volumes have. */
export type VmwareVolumeExtensions = v.InferInput<typeof volumeSchema>;

declare module '@virt-drivers/core' {
  interface MachineExtensions {
    readonly vmware?: VmwareMachineExtensions;
  }
  interface VolumeExtensions {
    readonly vmware?: VmwareVolumeExtensions;
  }
}

/** The driver's own namespace, checked. Errors: `REQUEST.INVALID`, naming the key. */
export function checkExtensions(extensions: MachineExtensions | undefined): VmwareMachineExtensions {
  return checked(schema, SCHEMAS, extensions?.vmware);
}

/** The same of a volume. */
export function checkVolumeExtensions(extensions: VolumeExtensions | undefined): VmwareVolumeExtensions {
  return checked(volumeSchema, VOLUME_SCHEMAS, extensions?.vmware);
}

function checked<T>(whole: v.GenericSchema<unknown, T>, known: object, given: unknown): T {
  const parsed = v.safeParse(whole, given ?? {});
  if (parsed.success) return parsed.output;
  const where = parsed.issues[0].path?.map(({ key }) => String(key)).join('.') ?? '';
  throw new DriverError(
    'REQUEST.INVALID',
    `Extension vmware.${where} is unknown or has a wrong value; known are ${Object.keys(known).join(', ')}.`,
  );
}
