import { DriverError, type MachineExtensions } from '@virt-drivers/core';
import * as v from 'valibot';

const text = (pattern: RegExp) => v.optional(v.pipe(v.string(), v.regex(pattern)));

const SCHEMAS = {
  /** vSphere's name of the guest system, for example `debian11_64Guest`; default: by `guestFamily`. */
  guestId: text(/^[A-Za-z0-9_]{1,64}$/),
  /** Hardware version, for example `vmx-19`. */
  hardwareVersion: text(/^vmx-\d{2}$/),
  /** Adapter behind bus `scsi`; default `lsiLogicSas`. */
  scsiAdapter: v.optional(v.picklist(['lsiLogic', 'lsiLogicSas', 'busLogic'])),
  /** Advanced settings by key. Keys of this driver cannot be given. */
  extraConfig: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^(?!virt-drivers\.)[\w.:-]{1,255}$/)), v.pipe(v.string(), v.maxLength(4096))),
  ),
} as const;

const schema = v.strictObject(SCHEMAS);

/** What only vSphere's machines have. */
export type VmwareMachineExtensions = v.InferInput<typeof schema>;

declare module '@virt-drivers/core' {
  interface MachineExtensions {
    readonly vmware?: VmwareMachineExtensions;
  }
}

/** The driver's own namespace, checked. Errors: `REQUEST.INVALID`, naming the key. */
export function checkExtensions(extensions: MachineExtensions | undefined): VmwareMachineExtensions {
  const parsed = v.safeParse(schema, extensions?.vmware ?? {});
  if (parsed.success) return parsed.output;
  const where = parsed.issues[0].path?.map(({ key }) => String(key)).join('.') ?? '';
  throw new DriverError(
    'REQUEST.INVALID',
    `Extension vmware.${where} is unknown or has a wrong value; known are ${Object.keys(SCHEMAS).join(', ')}.`,
  );
}
