import { DriverError, type Capabilities, type CapabilityName, type Narrowing } from '@virt-drivers/core';
import { capabilities } from './capabilities.js';
import type { Account } from './session.js';
import type { Fault } from './world/faults.js';
import type { World } from './world/world.js';

declare module '@virt-drivers/core' {
  interface MachineExtensions {
    readonly memory?: MemoryMachineExtensions;
  }
}

/** How the guest of one machine behaves. */
export interface MemoryMachineExtensions {
  /** `cooperative` (default) does what it is asked; `deaf` ignores the power button, reboot and unplug requests. */
  readonly guest?: 'cooperative' | 'deaf';
  /** Whether the agent runs in the guest; default true. */
  readonly agent?: boolean;
}

/** What `open` takes beside the target; all of it can also be in the target's query, but the last two. */
export interface MemoryOptions {
  /** `low`: an account that reads only the machines that it made itself. Default `full`. */
  readonly visibility?: Account;
  /** Capabilities that this endpoint shall not have, separated by commas in a query. */
  readonly without?: readonly CapabilityName[] | string;
  /** Why they are not there. */
  readonly reason?: string;
  /** Faults that the session begins with. */
  readonly faults?: readonly Fault[];
  /** A world made by `createWorld`, instead of the one that the target names. */
  readonly world?: World;
}

const KNOWN = ['visibility', 'without', 'reason', 'faults', 'world'];

const invalid = (message: string): DriverError => new DriverError('REQUEST.INVALID', message);

function claims(all: Capabilities, name: string): name is CapabilityName {
  const [facet = '', key, more] = name.split('.');
  const keys: unknown = Object.hasOwn(all, facet) ? Reflect.get(all, facet) : undefined;
  if (typeof keys !== 'object' || keys === null || more !== undefined) return false;
  return key === undefined || Object.hasOwn(keys, key);
}

/** The narrowings that were asked for. A facet also takes its keys away. */
export function narrowingsOf({ without = [], reason }: MemoryOptions): Narrowing[] {
  const names = typeof without === 'string' ? without.split(',').filter((name) => name !== '') : without;
  return names.map((name) => {
    if (!claims(capabilities, name)) throw invalid(`Option without names "${name}", which this driver does not claim.`);
    return {
      capability: name,
      reason: reason ?? 'The target asks for an endpoint without it; open it without this option.',
    };
  });
}

/** Checks the options given and those of the query; the former win. */
export function readOptions(given: Readonly<Record<string, unknown>>, query: URLSearchParams): MemoryOptions {
  const all = { ...Object.fromEntries(query), ...given };
  for (const name of Object.keys(all)) {
    if (!KNOWN.includes(name)) throw invalid(`Option "${name}" is not known; use ${KNOWN.join(', ')}.`);
  }
  if (all['visibility'] !== undefined && all['visibility'] !== 'full' && all['visibility'] !== 'low') {
    throw invalid('Option visibility must be full or low.');
  }
  // Names are checked above; faults and worlds come from code that is typed by this very interface.
  return all as MemoryOptions;
}

/** Checks a machine's extensions for this driver; keys that it does not know are refused. */
export function readMachineExtensions(
  extensions: { readonly memory?: MemoryMachineExtensions } | undefined,
): Required<MemoryMachineExtensions> {
  const { guest = 'cooperative', agent = true, ...unknown } = extensions?.memory ?? {};
  const [first] = Object.keys(unknown);
  if (first !== undefined) throw invalid(`Extension memory.${first} is not known; use guest or agent.`);
  if (!['cooperative', 'deaf'].includes(guest)) throw invalid('Extension memory.guest must be cooperative or deaf.');
  if (typeof agent !== 'boolean') throw invalid('Extension memory.agent must be true or false.');
  return { guest, agent };
}
