import { DriverError } from '../errors/driver-error.js';
import type { Condition, FacetName, Support } from './capabilities.js';
import { CAPABILITY_MEMBERS, FACETS, KERNEL_FACETS } from './facets.js';
import { API_VERSION, type Manifest } from './manifest.js';

const invalid = (name: string, text: string): DriverError =>
  new DriverError('DRIVER.INVALID', `Driver ${name}: ${text}`);

/** True when a driver written for `wanted` works on this contract: same major, and not newer than we are. */
export function isCompatible(wanted: string, offered: string = API_VERSION): boolean {
  const [major, minor] = wanted.split('.').map(Number);
  const [ourMajor, ourMinor] = offered.split('.').map(Number);
  return major === ourMajor && minor !== undefined && ourMinor !== undefined && minor <= ourMinor;
}

function checkSupport(name: string, key: string, support: Support | undefined): void {
  if (support === true) return;
  const conditions: readonly Condition[] = support?.conditions ?? [];
  if (conditions.length === 0) throw invalid(name, `capability ${key} must be true or list at least one condition.`);
  for (const { reason } of conditions) {
    if (reason === '')
      throw invalid(name, `a condition of ${key} gives no reason; say in one sentence why it is there.`);
  }
}

/**
 * Checks what types cannot: a manifest that came from a package compiled elsewhere. Throws `DRIVER.INVALID`, or
 * `DRIVER.INCOMPATIBLE` when it was written for another contract.
 */
export function checkManifest(manifest: Manifest): void {
  const { name, apiVersion, capabilities } = manifest;
  if (typeof name !== 'string' || name === '')
    throw invalid('(unnamed)', 'the manifest has no name; use the npm package name.');
  if (!/^\d+\.\d+$/.test(apiVersion))
    throw invalid(name, `apiVersion "${apiVersion}" must look like "${API_VERSION}".`);
  if (!isCompatible(apiVersion)) {
    throw new DriverError(
      'DRIVER.INCOMPATIBLE',
      `Driver ${name} was written for contract ${apiVersion}, but this is ${API_VERSION}. Install a version of the driver for ` +
        `${API_VERSION.split('.')[0]}.x, or a newer @virt-drivers/core.`,
    );
  }
  for (const facet of KERNEL_FACETS) {
    if (capabilities[facet] === undefined) throw invalid(name, `the manifest lacks the mandatory facet ${facet}.`);
  }
  for (const [facet, keys] of Object.entries(capabilities)) {
    if (!FACETS.includes(facet as FacetName)) throw invalid(name, `the manifest claims the unknown facet ${facet}.`);
    for (const [key, support] of Object.entries(keys)) checkSupport(name, `${facet}.${key}`, support as Support);
  }
}

/** Members of a facet that must not be there for these capability keys. */
export function absentMembers(facet: FacetName, keys: object): ReadonlySet<string> {
  const table: Readonly<Record<string, readonly string[]>> = CAPABILITY_MEMBERS[facet];
  const missing = Object.entries(table).filter(([key]) => !Object.hasOwn(keys, key));
  return new Set(missing.flatMap(([, members]) => members));
}

/** Checks that a session has what its manifest claims, no less and no more. Throws `DRIVER.INVALID`. */
export function checkSession(manifest: Manifest, facets: object): void {
  for (const facet of FACETS) {
    const keys = manifest.capabilities[facet];
    const implementation: unknown = Reflect.get(facets, facet);
    if ((keys === undefined) !== (implementation === undefined)) {
      throw invalid(
        manifest.name,
        `facet ${facet} is ${keys === undefined ? 'there but not claimed' : 'claimed but not there'}.`,
      );
    }
    if (keys === undefined || typeof implementation !== 'object' || implementation === null) continue;
    const absent = absentMembers(facet, keys);
    for (const member of Object.values(CAPABILITY_MEMBERS[facet]).flat()) {
      const present = typeof Reflect.get(implementation, member) === 'function';
      if (present === absent.has(member)) {
        throw invalid(
          manifest.name,
          `${facet}.${member} is ${present ? 'there but not claimed' : 'claimed but not there'}.`,
        );
      }
    }
  }
}
