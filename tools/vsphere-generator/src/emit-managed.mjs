import { childrenIn, sorted } from './hierarchy.mjs';
import { memberLine, referenceName, typeOf } from './type-script.mjs';

/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').ManagedModel} ManagedModel */

/** For each managed object the names that may stand in a reference to it. @param {Model} model @param {string} banner */
export function emitReferences(model, banner) {
  const children = childrenIn(model.managed);
  const lines = sorted(model.managed).map(({ name }) => {
    const below = (children.get(name) ?? []).map(referenceName);
    return `export type ${referenceName(name)} = ${[`'${name}'`, ...below].join(' | ')};`;
  });
  return [banner, '', ...lines, ''].join('\n');
}

/** @param {Model} model @param {string} banner */
export function emitMethods(model, banner) {
  const data = childrenIn(model.data);
  const lines = sorted(model.managed).flatMap((managed) => [
    `export interface ${managed.name}Methods${parentOf(model, managed, 'Methods')} {`,
    ...managed.methods.flatMap((method) => [
      `  readonly ${method.name}: {`,
      `    readonly parameters: {${method.parameters.map((one) => memberLine(data, one).replace('  readonly', ' readonly')).join('')} };`,
      `    readonly result: ${typeOf(data, method.result)}${method.result.optional && !method.result.array ? ' | undefined' : ''};`,
      '  };',
    ]),
    '}',
  ]);
  return emit(
    model,
    banner,
    lines,
    'Methods',
    'MethodMap',
    'The methods of every managed object, with those of its ancestors.',
  );
}

/** @param {Model} model @param {string} banner */
export function emitProperties(model, banner) {
  const data = childrenIn(model.data);
  const lines = sorted(model.managed).flatMap((managed) => [
    `export interface ${managed.name}Properties${parentOf(model, managed, 'Properties')} {`,
    ...managed.properties.map((property) => memberLine(data, property)),
    '}',
  ]);
  return emit(
    model,
    banner,
    lines,
    'Properties',
    'PropertyMap',
    'The properties of every managed object, with those of its ancestors.',
  );
}

/** @param {Model} model @param {ManagedModel} managed @param {string} kind */
function parentOf(model, { parent }, kind) {
  return parent !== undefined && model.managed.has(parent) ? ` extends ${parent}${kind}` : '';
}

/** @param {Model} model @param {string} banner @param {string[]} lines @param {string} kind @param {string} map @param {string} about */
function emit(model, banner, lines, kind, map, about) {
  const code = lines.join('\n');
  /** @param {Iterable<string>} names */
  const used = (names) => [...new Set(names)].filter((name) => new RegExp(`\\b${name}\\b`).test(code)).sort();
  const data = [...model.data.keys()];
  const types = used([...data, ...data.map((name) => `Any${name}`), ...model.enums.keys()]);
  const references = used([...model.managed.keys()].map(referenceName));
  return [
    banner,
    `import type { ${used(['DateTime', 'Reference']).join(', ')} } from '../schema/reference.js';`,
    `import type { ${references.join(', ')} } from './references.gen.js';`,
    `import type { ${types.join(', ')} } from './data-types.gen.js';`,
    '',
    code,
    '',
    `/** ${about} */`,
    `export interface ${map} {`,
    ...sorted(model.managed).map(({ name }) => `  readonly ${name}: ${name}${kind};`),
    '}',
    '',
  ].join('\n');
}
