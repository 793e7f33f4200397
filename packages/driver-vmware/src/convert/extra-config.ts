import type { AnyOptionValue, OptionValue } from '@virt-drivers/vsphere';

/** Keys of a machine that are ours; all others are somebody else's and never written. */
export const OWN_PREFIX = 'virt-drivers.';

/** Advanced settings of a machine by key; values that are no text are left out. */
export function readExtraConfig(options: readonly AnyOptionValue[] | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of options ?? []) if (typeof value === 'string') values.set(key, value);
  return values;
}

/** Settings to write. Empty text removes a key: vSphere API reference, VirtualMachineConfigSpec.extraConfig. */
export const toOptionValues = (values: Iterable<readonly [string, string]>): OptionValue[] =>
  [...values].map(([key, value]) => ({ $type: 'OptionValue', key, value }));

// A .vmx file is lines of key = "value": what could end one, and what is not ASCII, is written as its UTF-8 bytes.
const UNSAFE = /[^ !#$&-[\]-{}~]|%/gu;

/** Text that a machine's configuration file keeps exactly, whatever is in it. */
export const encodeText = (text: string): string => text.replace(UNSAFE, (character) => encodeURIComponent(character));

/** The text behind `encodeText`; undefined when it was not written by it. */
export function decodeText(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
