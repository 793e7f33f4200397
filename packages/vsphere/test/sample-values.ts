import {
  dataType,
  dataTypeNames,
  enumeration,
  isSubtype,
  methodNamed,
  methodNames,
  type Field,
} from '../src/schema/schema.js';

const SAMPLES: Readonly<Record<string, unknown>> = {
  string: 'a <b> & "c" \u00e9\u{1f600}',
  int: -7,
  short: 7,
  byte: -1,
  long: 2n ** 62n,
  boolean: true,
  float: 1.5,
  double: -2.25,
  dateTime: '2026-11-21T10:00:00.5Z',
  base64Binary: new Uint8Array([0, 1, 255]),
};

/** Values by the tables: `all` fills every field of the object itself, and what lies below as little as it may. */
export function sampleObject(type: string, how: 'all' | 'least'): Readonly<Record<string, unknown>> {
  const { fields } = dataType(type) ?? { fields: [] };
  return { $type: type, ...sampleFields(fields, how) };
}

/** Values for parameters, or for the fields of an object. */
export function sampleFields(fields: readonly Field[], how: 'all' | 'least'): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields
      .filter(({ optional }) => how === 'all' || !optional)
      .map((field) => [field.name, field.array ? listOf(field, how) : sampleValue(field.type)]),
  );
}

function listOf({ type }: Field, how: 'all' | 'least'): readonly unknown[] {
  return Array.from({ length: how === 'all' ? 2 : 1 }, () => sampleValue(type));
}

function sampleValue(type: string): unknown {
  if (type.startsWith('@')) return { type: type === '@ManagedObject' ? 'Folder' : type.slice(1), value: 'id-1 & /%2f' };
  if (type === 'any') return 'anything';
  if (Object.hasOwn(SAMPLES, type)) return SAMPLES[type];
  const [first] = enumeration(type) ?? [];
  return first ?? sampleObject(type, 'least');
}

/**
 * The data types that the parameters of a service's methods can hold, at any depth, with those that stand in for them.
 * Without faults, which are the server's.
 */
export function sendableTypes(service: 'vim25' | 'pbm'): readonly string[] {
  const all = dataTypeNames().filter((name) => !isSubtype(name, 'MethodFault'));
  const visited = new Set<string>();
  const found = new Set<string>();
  const visit = ({ type }: Field): void => {
    if (visited.has(type)) return;
    visited.add(type);
    for (const name of all) {
      if (found.has(name) || !isSubtype(name, type)) continue;
      found.add(name);
      dataType(name)?.fields.forEach(visit);
    }
  };
  for (const name of methodNames()) {
    const method = methodNamed(name);
    if (method?.service === service) method.parameters.forEach(visit);
  }
  return [...found].sort();
}
