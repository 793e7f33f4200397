/** @typedef {import('./model.mjs').Model} Model */

/**
 * Direct descendants by name, for data types or managed objects.
 * @param {Map<string, { name: string, parent: string | undefined }>} types @returns {Map<string, string[]>}
 */
export function childrenIn(types) {
  /** @type {Map<string, string[]>} */
  const children = new Map();
  for (const { name, parent } of types.values()) {
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), name]);
  }
  for (const names of children.values()) names.sort();
  return children;
}

/** Values in the order of their names, so that every run writes the same. @template T @param {Map<string, T>} map @returns {T[]} */
export function sorted(map) {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
