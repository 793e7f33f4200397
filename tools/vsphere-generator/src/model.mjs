import { wireType } from './wire-names.mjs';

/** @typedef {import('./tables.mjs').Tables} Tables */
/** @typedef {{ name: string, type: string, array: boolean, optional: boolean }} Member */
/** @typedef {{ name: string, parent: string | undefined, members: Member[] }} DataModel */
/** @typedef {{ name: string, owner: string, parameters: Member[], result: Member, service: 'vim25' | 'pbm' }} MethodModel */
/** @typedef {{ name: string, parent: string | undefined, properties: Member[], methods: MethodModel[] }} ManagedModel */
/** @typedef {{ data: Map<string, DataModel>, managed: Map<string, ManagedModel>, enums: Map<string, { name: string, values: string[] }> }} Model */

/** What every service has and no table declares. Source: the XSDs of the same release. @type {DataModel[]} */
const BUILT_IN = [
  {
    name: 'LocalizedMethodFault',
    parent: undefined,
    members: [member('fault', 'MethodFault'), member('localizedMessage', 'string', { optional: true })],
  },
  {
    name: 'MethodFault',
    parent: undefined,
    members: [
      member('faultCause', 'LocalizedMethodFault', { optional: true }),
      member('faultMessage', 'LocalizableMessage', { optional: true, array: true }),
    ],
  },
  { name: 'RuntimeFault', parent: 'MethodFault', members: [] },
];
/** @type {Readonly<Record<string, string>>} */
const PARENTS = { 'vmodl.MethodFault': 'MethodFault', 'vmodl.RuntimeFault': 'RuntimeFault' };
/** Roots without fields on the wire. */
const ROOTS = new Set(['DynamicData', 'DynamicArray']);

/** @param {string} name @param {string} type @param {{ optional?: boolean, array?: boolean }} [how] @returns {Member} */
function member(name, type, { optional = false, array = false } = {}) {
  return { name, type, array, optional };
}

/** The tables by wire names. @param {Tables} tables @returns {Model} */
export function modelOf(tables) {
  /** @type {Model} */
  const model = { data: new Map(BUILT_IN.map((one) => [one.name, one])), managed: new Map(), enums: new Map() };
  for (const one of tables.enums.values()) model.enums.set(one.wire, { name: one.wire, values: one.values });
  for (const one of tables.data.values()) {
    if (ROOTS.has(one.wire)) continue;
    const parent = PARENTS[one.parent] ?? tables.data.get(one.parent)?.wire;
    model.data.set(one.wire, {
      name: one.wire,
      parent: parent !== undefined && ROOTS.has(parent) ? undefined : parent,
      members: one.fields.flatMap((field) => memberOf(tables, field) ?? []),
    });
  }
  for (const one of tables.managed.values()) model.managed.set(one.wire, managedOf(tables, one));
  return model;
}

/** @param {Tables} tables @param {import('./tables.mjs').Field} field @returns {Member | undefined} */
function memberOf(tables, { name, type, optional, link }) {
  const array = type.endsWith('[]');
  const wire = wireType(tables, array ? type.slice(0, -2) : type, link);
  return wire === undefined ? undefined : { name, type: wire, array, optional };
}

/** @param {Tables} tables @param {import('./tables.mjs').ManagedType} managed @returns {ManagedModel} */
function managedOf(tables, managed) {
  const service = managed.name.startsWith('pbm.') ? 'pbm' : 'vim25';
  const methods = managed.methods.flatMap((method) => {
    const parameters = method.parameters.map((parameter) => memberOf(tables, parameter));
    const result = memberOf(tables, { name: 'returnval', link: false, ...method.result });
    // A method with a type that no table declares cannot be called.
    if (result === undefined || parameters.some((parameter) => parameter === undefined)) return [];
    const known = parameters.flatMap((parameter) => parameter ?? []);
    /** @type {MethodModel} */
    const made = { name: method.wire, owner: managed.wire, parameters: known, result, service };
    return [made];
  });
  return {
    name: managed.wire,
    parent: tables.managed.get(managed.parent)?.wire,
    properties: managed.properties.flatMap((property) => memberOf(tables, property) ?? []),
    methods,
  };
}
