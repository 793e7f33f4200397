import type { Capabilities, CapabilityName, FacetName, Narrowing, Support } from './capabilities.js';

type Mutable = Record<string, Record<string, Support> | undefined>;

/** The manifest's capabilities without what this endpoint lacks. Frozen throughout. */
export function narrow(claimed: Capabilities, narrowings: readonly Narrowing[]): Capabilities {
  const result: Mutable = Object.fromEntries(Object.entries(claimed).map(([facet, keys]) => [facet, { ...keys }]));
  for (const { capability } of narrowings) {
    const [facet = '', key] = capability.split('.');
    if (key === undefined) Reflect.deleteProperty(result, facet);
    else if (result[facet]) Reflect.deleteProperty(result[facet], key);
  }
  for (const keys of Object.values(result)) Object.freeze(keys);
  // Kernel facets are never narrowed away as a whole (checked by defineDriver), so the shape still holds.
  return Object.freeze(result) as Capabilities;
}

/** What the capabilities say about one name: a facet that is there, or a key of it. */
export function supportOf(capabilities: Capabilities, capability: CapabilityName): Support | undefined {
  const [facet, key] = capability.split('.') as [FacetName, string?];
  // Names come from outside: `toString` is no facet although every object has one.
  if (!Object.hasOwn(capabilities, facet)) return undefined;
  const keys = capabilities[facet] as Readonly<Record<string, Support | undefined>>;
  if (key === undefined) return true;
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}
