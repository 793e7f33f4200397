import { sorted } from './hierarchy.mjs';

/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').Member} Member */

/** `name:type`, then `[]` for many and `?` for optional. @param {Member} member */
const column = ({ name, type, array, optional }) => `${name}:${type}${array ? '[]' : ''}${optional ? '?' : ''}`;

/**
 * The tables that the codec reads at run time, one string a row: rows are parsed when they are first needed.
 * @param {Model} model @param {string} banner
 */
export function emitSchema(model, banner) {
  const methods = new Map(sorted(model.managed).flatMap((one) => one.methods.map((method) => [method.name, method])));
  return [
    banner,
    '',
    '/** Data type → its parent, then its own fields in the order of the wire. */',
    'export const DATA_TYPES: Readonly<Record<string, string>> = {',
    ...sorted(model.data).map(({ name, parent, members }) => row(name, [parent ?? '', ...members.map(column)])),
    '};',
    '',
    '/** Enumeration → its values. */',
    'export const ENUMERATIONS: Readonly<Record<string, string>> = {',
    ...sorted(model.enums).map(({ name, values }) => row(name, values)),
    '};',
    '',
    '/** Managed object → its parent, then its properties. */',
    'export const MANAGED_OBJECTS: Readonly<Record<string, string>> = {',
    ...sorted(model.managed).map(({ name, parent, properties }) =>
      row(name, [parent ?? '', ...properties.map(column)]),
    ),
    '};',
    '',
    '/** Method → its service, its owner, its result, then its parameters in the order of the wire. */',
    'export const METHODS: Readonly<Record<string, string>> = {',
    ...sorted(methods).map(({ name, service, owner, result, parameters }) =>
      row(name, [service, owner, column(result).slice('returnval:'.length), ...parameters.map(column)]),
    ),
    '};',
    '',
  ].join('\n');
}

/** @param {string} name @param {readonly string[]} columns */
function row(name, columns) {
  return `  ${name}: '${columns.join(';')}',`;
}
