import { DATA_TYPES, ENUMERATIONS, LETTERS, MANAGED_OBJECTS, METHODS } from '../gen/schema.gen.js';
import { createTable } from './table.js';

/** A field of a data type, a parameter or a result. */
export interface Field {
  readonly name: string;
  /** A primitive (`int`, `any`, …), a data type, an enumeration, or `@` and a managed object for a reference. */
  readonly type: string;
  readonly array: boolean;
  readonly optional: boolean;
}

export interface DataType {
  readonly name: string;
  readonly parent: DataType | undefined;
  /** In the order of the wire: those of the ancestors first. */
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  /** The lists that are there even when the server sends no element of them. */
  readonly requiredLists: readonly string[];
}

export interface Method {
  readonly name: string;
  readonly service: 'vim25' | 'pbm';
  /** The managed object that has it; its descendants have it too. */
  readonly owner: string;
  readonly result: Field;
  /** In the order of the wire, without `_this`. */
  readonly parameters: readonly Field[];
}

const dataTypeTable = /* @__PURE__ */ createTable(DATA_TYPES);
const enumerationTable = /* @__PURE__ */ createTable(ENUMERATIONS);
const managedObjectTable = /* @__PURE__ */ createTable(MANAGED_OBJECTS);
const methodTable = /* @__PURE__ */ createTable(METHODS);
const dataTypes = new Map<string, DataType>();
const methods = new Map<string, Method>();
const subtypes = new Map<string, boolean>();

/** The data type of a name; undefined when the shipped tables have none. */
export function dataType(name: string): DataType | undefined {
  const known = dataTypes.get(name);
  if (known) return known;
  const row = dataTypeTable.row(name);
  if (row === undefined) return undefined;
  const [parentName = '', ...columns] = row;
  const parent = dataType(parentName);
  const fields = [...(parent?.fields ?? []), ...columns.map(parseField)];
  const made: DataType = {
    name,
    parent,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    requiredLists: fields.filter(({ array, optional }) => array && !optional).map((field) => field.name),
  };
  dataTypes.set(name, made);
  return made;
}

/** The method of a name; undefined when the shipped tables have none. */
export function methodNamed(name: string): Method | undefined {
  const known = methods.get(name);
  if (known) return known;
  const row = methodTable.row(name);
  if (row === undefined) return undefined;
  const [service, owner = '', result = '', ...columns] = row;
  const made: Method = {
    name,
    service: service === 'pbm' ? 'pbm' : 'vim25',
    owner,
    result: parseField(`returnval${result}`),
    parameters: columns.map(parseField),
  };
  methods.set(name, made);
  return made;
}

/** The values of an enumeration; undefined when there is none of this name. */
export function enumeration(name: string): readonly string[] | undefined {
  return enumerationTable.row(name);
}

/** Parent and own properties of a managed object; undefined when there is none of this name. */
export function managedObject(
  name: string,
): { readonly parent: string | undefined; readonly properties: readonly Field[] } | undefined {
  const row = managedObjectTable.row(name);
  if (row === undefined) return undefined;
  const [parent = '', ...columns] = row;
  return { parent: parent === '' ? undefined : parent, properties: columns.map(parseField) };
}

/** Whether a data type is another or descends from it. A type that the tables do not have is no descendant of anything. */
export function isSubtype(name: string, ancestor: string): boolean {
  const key = `${name}<${ancestor}`;
  const known = subtypes.get(key);
  if (known !== undefined) return known;
  let type = dataType(name);
  while (type && type.name !== ancestor) type = type.parent;
  if (type) subtypes.set(key, true);
  return type !== undefined;
}

/** The names of every method in the tables. */
export function methodNames(): readonly string[] {
  return [...methodTable.names()];
}

/** The names of every data type in the tables. */
export function dataTypeNames(): readonly string[] {
  return [...dataTypeTable.names()];
}

/** `name:type` and a sign: `?` optional, `+` a list, `*` an optional list. A type is a letter for a primitive, none for text. */
function parseField(column: string): Field {
  const [, name = '', type = '', sign] = COLUMN.exec(column) ?? [];
  const array = sign === '+' || sign === '*';
  return { name, type: typeOf(type), array, optional: sign === '?' || sign === '*' };
}

const COLUMN = /^(\w*):?([@\w]*)([?+*]?)$/;

function typeOf(written: string): string {
  if (written === '') return 'string';
  return (written.length === 1 && Object.hasOwn(LETTERS, written) ? LETTERS[written] : undefined) ?? written;
}
