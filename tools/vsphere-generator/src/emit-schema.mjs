import { abbreviate, frequentParts } from './abbreviations.mjs';
import { sorted } from './hierarchy.mjs';

/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').Member} Member */

/** The letter that stands for a primitive; what is most frequent, a string, has none. @type {Readonly<Record<string, string>>} */
const LETTERS = {
  string: '',
  any: 'a',
  boolean: 'b',
  byte: 'c',
  dateTime: 'd',
  double: 'e',
  float: 'f',
  int: 'i',
  long: 'l',
  short: 's',
  void: 'v',
  base64Binary: 'x',
};

/** `name:type` with a sign for what is optional, a list, or both. @param {Member} member */
function column({ name, type, array, optional }) {
  const written = LETTERS[type] ?? type;
  const sign = array ? (optional ? '*' : '+') : optional ? '?' : '';
  return `${name}${written === '' ? '' : `:${written}`}${sign}`;
}

/**
 * The tables that the codec reads at run time, one text each: rows are parsed when they are first needed.
 * @param {Model} model @param {string} banner
 */
export function emitSchema(model, banner) {
  const methods = new Map(sorted(model.managed).flatMap((one) => one.methods.map((method) => [method.name, method])));
  /** @type {[name: string, comment: string, rows: string[]][]} */
  const tables = [
    [
      'DATA_TYPES',
      'Data type, its parent, then its own fields in the order of the wire.',
      sorted(model.data).map(({ name, parent, members }) => row(name, parent ?? '', ...members.map(column))),
    ],
    [
      'ENUMERATIONS',
      'Enumeration, then its values.',
      sorted(model.enums).map(({ name, values }) => row(name, ...values)),
    ],
    [
      'MANAGED_OBJECTS',
      'Managed object, its parent, then its properties.',
      sorted(model.managed).map(({ name, parent, properties }) => row(name, parent ?? '', ...properties.map(column))),
    ],
    [
      'METHODS',
      'Method, its service unless that is vim25, its owner, its result, then its parameters in the order of the wire.',
      sorted(methods).map(({ name, service, owner, result, parameters }) =>
        row(
          name,
          service === 'vim25' ? '' : service,
          owner,
          column({ ...result, name: '' }),
          ...parameters.map(column),
        ),
      ),
    ],
  ];
  const parts = frequentParts(tables.flatMap(([, , rows]) => rows));
  const letters = Object.entries(LETTERS).filter(([, letter]) => letter !== '');
  return [
    banner,
    '',
    '/** The letters that stand for primitives in the tables. */',
    'export const LETTERS: Readonly<Record<string, string>> = {',
    ...letters.map(([type, letter]) => `  ${letter}: '${type}',`),
    '};',
    '',
    '/** The parts of names that the tables abbreviate. */',
    `export const PARTS = '${parts.join(' ')}';`,
    ...tables.flatMap(([name, comment, rows]) => [
      '',
      `/** ${comment} */`,
      `export const ${name} = \`${abbreviate(parts, rows).join('\n')}\`;`,
    ]),
    '',
  ].join('\n');
}

/** @param {...string} columns */
function row(...columns) {
  return columns.join(';');
}
