import type { CallOptions, Driver, OpenDriver } from '@virt-drivers/core';

/** A driver that is broken on purpose, and the cases that must notice: these and no others. */
export interface Mutant {
  /** What is wrong with it, as a sentence. */
  readonly flaw: string;
  readonly fails: readonly string[];
  /** Spoils a session. */
  readonly spoil: (open: OpenDriver) => OpenDriver;
  /** Spoils opening itself. */
  readonly spoilOpen?: (open: Driver['open']) => Driver['open'];
}

/** The broken driver. */
export function broken(driver: Driver, { spoil, spoilOpen = (open) => open }: Mutant): Driver {
  const open: Driver['open'] = spoilOpen((request, call) => driver.open(request, call));
  return { manifest: driver.manifest, open: async (request, call) => spoil(await open(request, call)) };
}

type AnyMember = (...args: readonly unknown[]) => unknown;

/** A facet whose members all get other call options: the last argument of each, where there is one. */
export function withOptions<Facet extends object>(facet: Facet, change: (call: CallOptions) => CallOptions): Facet {
  const isOptions = (value: unknown): value is CallOptions =>
    typeof value === 'object' && value !== null && ('signal' in value || 'deadline' in value);
  const spoiled = Object.entries(facet).map(([name, member]) => {
    // Every entry of a facet is a member function.
    const original = member as AnyMember;
    return [
      name,
      (...args: readonly unknown[]) => original(...args.map((arg) => (isOptions(arg) ? change(arg) : arg))),
    ] as const;
  });
  // The same members with the same parameters and results.
  return Object.fromEntries(spoiled) as Facet;
}
