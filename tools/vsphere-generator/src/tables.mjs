import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCalls } from './python-literals.mjs';

/** @typedef {import('./python-literals.mjs').Literal} Literal */
/** @typedef {{ name: string, type: string, optional: boolean, link: boolean }} Field */
/** @typedef {{ name: string, wire: string, parent: string, fields: Field[] }} DataType */
/** @typedef {{ name: string, wire: string, owner: string, parameters: Field[], result: { type: string, optional: boolean }, faults: string[] }} Method */
/** @typedef {{ name: string, wire: string, parent: string, properties: Field[], methods: Method[] }} ManagedType */
/** @typedef {{ name: string, wire: string, values: string[] }} EnumType */
/** @typedef {{ data: Map<string, DataType>, managed: Map<string, ManagedType>, enums: Map<string, EnumType> }} Tables */

const FILES = ['CoreTypes.py', 'QueryTypes.py', 'ServerObjects.py', 'PbmObjects.py'];
const F_LINK = 1;
const F_OPTIONAL = 4;

/** The declarations as data, in the order in which the files make them. @param {string} directory @returns {Tables} */
export function readTables(directory) {
  /** @type {Tables} */
  const tables = { data: new Map(), managed: new Map(), enums: new Map() };
  for (const file of FILES) {
    for (const { name, args } of parseCalls(readFileSync(join(directory, file), 'utf8'))) add(tables, name, args);
  }
  return tables;
}

/** @param {Tables} tables @param {string} call @param {Literal[]} args */
function add(tables, call, args) {
  const [name, wire, parent] = args.slice(0, 3).map(String);
  if (name === undefined || wire === undefined || parent === undefined) return;
  if (call === 'CreateDataType') tables.data.set(name, { name, wire, parent, fields: list(args[4]).map(field) });
  if (call === 'CreateEnumType') tables.enums.set(name, { name, wire, values: list(args[3]).map(String) });
  if (call !== 'CreateManagedType') return;
  const methods = list(args[5]).map((row) => method(wire, list(row)));
  tables.managed.set(name, { name, wire, parent, properties: list(args[4]).map(field), methods });
}

/** @param {unknown} row @returns {Field} */
function field(row) {
  const [name, type, , flags] = list(row);
  const bits = Number(flags);
  return {
    name: String(name),
    type: String(type),
    optional: (bits & F_OPTIONAL) !== 0,
    link: (bits & F_LINK) !== 0,
  };
}

/** @param {string} owner @param {readonly unknown[]} row @returns {Method} */
function method(owner, row) {
  const [name, wire, , parameters, result, , faults] = row;
  const [flags, type] = list(result);
  return {
    name: String(name),
    wire: String(wire),
    owner,
    parameters: list(parameters).map(field),
    result: { type: String(type), optional: (Number(flags) & F_OPTIONAL) !== 0 },
    faults: list(faults).map(String),
  };
}

/** @param {unknown} value @returns {readonly unknown[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}
