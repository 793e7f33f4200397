import { childrenIn, sorted } from './hierarchy.mjs';
import { anyOf, memberLine, referenceName } from './type-script.mjs';

/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').DataModel} DataModel */

/** The data types: an interface each, a union where descendants may stand in. @param {Model} model @param {string} banner */
export function emitTypes(model, banner) {
  const children = childrenIn(model.data);
  const lines = [
    banner,
    "import type { DateTime, Reference } from '../schema/reference.js';",
    `import type { ${referenceTypes(model).join(', ')} } from './references.gen.js';`,
    '',
    ...sorted(model.enums).map(
      (one) => `export type ${one.name} = ${one.values.map((value) => `'${value}'`).join(' | ')};`,
    ),
    '',
  ];
  for (const data of sorted(model.data)) lines.push(...emitType(children, data), '');
  lines.push('/** Every data type by its name on the wire. */', 'export interface DataTypeMap {');
  lines.push(...sorted(model.data).map(({ name }) => `  readonly ${name}: ${name};`), '}', '');
  return lines.join('\n');
}

/** @param {Map<string, string[]>} children @param {DataModel} data */
function emitType(children, { name, parent, members }) {
  const own = members.map((member) => memberLine(children, member));
  const tag = `  readonly $type${parent === undefined ? '?' : ''}: '${name}'${parent === undefined ? ' | undefined' : ''};`;
  const above = parent === undefined ? '' : ` extends ${parent}Body`;
  const descendants = children.get(name);
  if (!descendants) return [`export interface ${name}${above} {`, tag, ...own, '}'];
  const stands = descendants.map((one) => (children.has(one) ? anyOf(one) : one));
  return [
    `export interface ${name}Body${above} {`,
    ...own,
    '}',
    `export interface ${name} extends ${name}Body {`,
    tag,
    '}',
    `export type ${anyOf(name)} = ${[name, ...stands].join(' | ')};`,
  ];
}

/** @param {Model} model */
function referenceTypes(model) {
  const used = [...model.data.values()].flatMap((data) => data.members.map(({ type }) => type));
  const named = new Set(used.filter((type) => type.startsWith('@') && type !== '@ManagedObject'));
  return [...named].map((type) => referenceName(type.slice(1))).sort();
}
