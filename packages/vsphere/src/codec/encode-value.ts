import { invalidArgument } from '../errors/vsphere-error.js';
import { dataType, enumeration, type DataType, type Field } from '../schema/schema.js';
import { escapeXml } from '../xml/escape.js';

const INTEGERS: Readonly<Record<string, number>> = { int: 2 ** 31, short: 2 ** 15, byte: 2 ** 7 };
const LONG = 2n ** 63n;

/** An object as the elements of its fields, in the order of the wire; `path` is how errors call it. */
export function encodeFields(fields: readonly Field[], value: object, path: string): string {
  let xml = '';
  for (const field of fields) xml += encodeField(field, memberOf(value, field.name), path);
  for (const name of Object.keys(value)) {
    // What the server would not read must not vanish silently.
    if (name !== '$type' && memberOf(value, name) !== undefined && !fields.some((field) => field.name === name))
      throw invalidArgument(`${path} has no field ${name}.`);
  }
  return xml;
}

function memberOf(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function encodeField(field: Field, content: unknown, above: string): string {
  if (content === undefined || content === null) {
    if (!field.optional && !field.array) throw invalidArgument(`${above}.${field.name} is required.`);
    return '';
  }
  const path = `${above}.${field.name}`;
  if (!field.array) return encodeElement(field.name, field.type, content, path);
  if (!Array.isArray(content)) throw invalidArgument(`${path} must be a list.`);
  return content.map((item, index) => encodeElement(field.name, field.type, item, `${path}[${index}]`)).join('');
}

/** One element; `xsi:type` where the value's own type is not the declared one. */
function encodeElement(name: string, declared: string, value: unknown, path: string): string {
  if (declared.startsWith('@')) return encodeReference(name, '', value, path);
  if (declared === 'any') return encodeAny(name, value, path);
  const base = dataType(declared);
  if (!base) return `<${name}>${encodePrimitive(declared, value, path)}</${name}>`;
  if (typeof value !== 'object' || value === null) throw invalidArgument(`${path} must be a ${declared}.`);
  const type = actualType(base, value, path);
  const attribute = type === base ? '' : ` xsi:type="${type.name}"`;
  return `<${name}${attribute}>${encodeFields(type.fields, value, path)}</${name}>`;
}

function actualType(base: DataType, value: object, path: string): DataType {
  const name = '$type' in value && value.$type !== undefined ? String(value.$type) : base.name;
  const type = dataType(name);
  for (let above = type; type && above; above = above.parent) if (above === base) return type;
  throw invalidArgument(`${path} is a ${name}, which is no ${base.name}.`);
}

function encodeReference(name: string, attributes: string, value: unknown, path: string): string {
  if (!isReference(value)) throw invalidArgument(`${path} must be a reference: { type, value }.`);
  const type = escapeXml(value.type, path);
  return `<${name}${attributes} type="${type}">${escapeXml(value.value, path)}</${name}>`;
}

/** Whether a value names a managed object. */
export function isReference(value: unknown): value is { readonly type: string; readonly value: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('$type' in value) &&
    'type' in value &&
    typeof value.type === 'string' &&
    'value' in value &&
    typeof value.value === 'string'
  );
}

/** Where anything may stand, the value itself says what it is: a number is an int or a double, a bigint a long. */
function encodeAny(name: string, value: unknown, path: string): string {
  if (Array.isArray(value)) return encodeList(name, value, path);
  if (isReference(value)) return encodeReference(name, ' xsi:type="ManagedObjectReference"', value, path);
  const primitive = primitiveTypeOf(value);
  if (primitive !== undefined)
    return `<${name} xsi:type="xsd:${primitive}">${encodePrimitive(primitive, value, path)}</${name}>`;
  if (typeof value !== 'object' || value === null || !('$type' in value))
    throw invalidArgument(`${path} may be anything, so its value must say its $type.`);
  const type = dataType(String(value.$type));
  if (!type) throw invalidArgument(`${path} has the unknown type ${String(value.$type)}.`);
  return `<${name} xsi:type="${type.name}">${encodeFields(type.fields, value, path)}</${name}>`;
}

function encodeList(name: string, items: readonly unknown[], path: string): string {
  const types = new Set(items.map((item) => primitiveTypeOf(item) ?? '$type'));
  const [type] = types;
  if (types.size !== 1 || type === undefined || type === '$type')
    throw invalidArgument(`${path} may be anything; a list there must have primitives of one type.`);
  const inner = items.map((item, index) => encodeElement(type, type, item, `${path}[${index}]`)).join('');
  return `<${name} xsi:type="ArrayOf${type[0]?.toUpperCase()}${type.slice(1)}">${inner}</${name}>`;
}

function primitiveTypeOf(value: unknown): string | undefined {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'int' : 'double';
  return value instanceof Uint8Array ? 'base64Binary' : undefined;
}

function encodePrimitive(type: string, value: unknown, path: string): string {
  const limit = INTEGERS[type];
  if (limit !== undefined) {
    if (typeof value !== 'number' || !Number.isInteger(value) || value >= limit || value < -limit)
      throw invalidArgument(`${path} must be an integer of type ${type}.`);
    return String(value);
  }
  switch (type) {
    case 'long':
      if (typeof value !== 'bigint' || value >= LONG || value < -LONG)
        throw invalidArgument(`${path} must be a bigint of 64 bits.`);
      return String(value);
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidArgument(`${path} must be a boolean.`);
      return String(value);
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw invalidArgument(`${path} must be a number.`);
      return String(value).replace('Infinity', 'INF');
    case 'base64Binary':
      if (!(value instanceof Uint8Array)) throw invalidArgument(`${path} must be a Uint8Array.`);
      return Buffer.from(value).toString('base64');
    default:
      return encodeText(type, value, path);
  }
}

function encodeText(type: string, value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalidArgument(`${path} must be a string.`);
  const values = enumeration(type);
  if (values && !values.includes(value)) throw invalidArgument(`${path} must be one of ${values.join(', ')}.`);
  return escapeXml(value, path);
}
