/** @typedef {import('./tables.mjs').Tables} Tables */

/** pyVmomi's names of what XML Schema calls otherwise. @type {Readonly<Record<string, string>>} */
const PRIMITIVES = {
  string: 'string',
  int: 'int',
  long: 'long',
  short: 'short',
  byte: 'byte',
  boolean: 'boolean',
  float: 'float',
  double: 'double',
  anyType: 'any',
  void: 'void',
  'vmodl.DateTime': 'dateTime',
  'vmodl.Binary': 'base64Binary',
  'vmodl.TypeName': 'string',
  'vmodl.PropertyPath': 'string',
  'vmodl.MethodName': 'string',
};
/** Types that the tables name without declaring them; a fault in a field travels with its message around it. @type {Readonly<Record<string, string>>} */
const BUILT_IN = {
  'vmodl.MethodFault': 'LocalizedMethodFault',
  'vmodl.ManagedObject': '@ManagedObject',
};

/**
 * How a type is called in the schema: a primitive, the wire name of a data type or an enumeration, or `@` and the
 * wire name of a managed object for a reference. Undefined for a type that no table declares.
 * @param {Tables} tables @param {string} type without `[]` @param {boolean} link
 * @returns {string | undefined}
 */
export function wireType(tables, type, link) {
  // A link holds the key of the object, not the object. Source: XSDs of the same release, where such fields are strings.
  if (link) return 'string';
  const managed = tables.managed.get(type);
  if (managed) return `@${managed.wire}`;
  return PRIMITIVES[type] ?? BUILT_IN[type] ?? (tables.data.get(type) ?? tables.enums.get(type))?.wire;
}

export const isPrimitive = (/** @type {string} */ type) => type === 'void' || Object.values(PRIMITIVES).includes(type);
