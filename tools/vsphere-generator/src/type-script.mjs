/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').Member} Member */

/** @type {Readonly<Record<string, string>>} */
const PRIMITIVES = {
  string: 'string',
  int: 'number',
  long: 'bigint',
  short: 'number',
  byte: 'number',
  boolean: 'boolean',
  float: 'number',
  double: 'number',
  any: 'unknown',
  dateTime: 'DateTime',
  base64Binary: 'Uint8Array',
  void: 'void',
};

/** The names that a type goes by where any of its descendants may stand. @param {string} name */
export const anyOf = (name) => `Any${name}`;
/** @param {string} name */
export const referenceName = (name) => `${name}Type`;

/**
 * Decides the TypeScript type of a member.
 * @param {Map<string, string[]>} children descendants of data types
 * @param {Member} member
 */
export function typeOf(children, { type, array }) {
  const one = elementType(children, type);
  return array ? `readonly ${one}[]` : one;
}

/** @param {Map<string, string[]>} children @param {string} type */
function elementType(children, type) {
  const primitive = PRIMITIVES[type];
  if (primitive !== undefined) return primitive;
  if (type === '@ManagedObject') return 'Reference';
  if (type.startsWith('@')) return `Reference<${referenceName(type.slice(1))}>`;
  return children.has(type) ? anyOf(type) : type;
}

/** A line of an interface that programs read, and write where it is an argument. @param {Map<string, string[]>} children @param {Member} member */
export function memberLine(children, member) {
  const optional = member.optional ? '?' : '';
  const absent = member.optional && member.type !== 'any' ? ' | undefined' : '';
  return `  readonly ${member.name}${optional}: ${typeOf(children, member)}${absent};`;
}
