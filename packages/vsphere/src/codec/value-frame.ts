import { dataType, type DataType } from '../schema/schema.js';
import type { Attributes } from '../xml/attributes.js';
import { ListFrame, ObjectFrame, TextFrame, type Frame } from './frames.js';
import { primitiveReader, schemaReader } from './primitive.js';

/** The names that XML Schema's types have in `ArrayOf…`. */
const ELEMENTS: Readonly<Record<string, string>> = {
  String: 'string',
  Int: 'int',
  Long: 'long',
  Short: 'short',
  Byte: 'byte',
  Boolean: 'boolean',
  Float: 'float',
  Double: 'double',
  DateTime: 'dateTime',
  Base64Binary: 'base64Binary',
  AnyType: 'any',
  AnyURI: 'string',
  PropertyPath: 'string',
  MethodName: 'string',
  TypeName: 'string',
  ManagedObjectReference: '@ManagedObject',
};
/** Where the tables end: what a newer server calls by a name that they do not have keeps its name and loses the rest. */
const UNKNOWN: DataType = { name: '', parent: undefined, fields: [], byName: new Map(), requiredLists: [] };

/** The frame for an element whose declared type is `declared`, by what its attributes say about the actual one. */
export function valueFrame(declared: string, attributes: Attributes): Frame {
  if (attributes.nil) return new TextFrame(() => undefined);
  if (declared.startsWith('@')) return referenceFrame(attributes, declared.slice(1));
  const reader = primitiveReader(declared);
  if (reader) return new TextFrame(reader);
  if (declared === 'any') return anyFrame(attributes);
  const base = dataType(declared);
  // An enumeration.
  if (!base) return new TextFrame(schemaReader('string'));
  const name = attributes.type?.name ?? declared;
  return new ObjectFrame(dataType(name) ?? base, name);
}

function anyFrame(attributes: Attributes): Frame {
  const { type } = attributes;
  if (type === undefined) return new TextFrame(schemaReader('string'));
  if (type.primitive) return new TextFrame(schemaReader(type.name));
  if (type.name === 'ManagedObjectReference') return referenceFrame(attributes, 'ManagedObject');
  const known = dataType(type.name);
  if (known) return new ObjectFrame(known, type.name);
  if (type.name.startsWith('ArrayOf')) return new ListFrame(elementType(type.name.slice('ArrayOf'.length)));
  return new UnnamedFrame(type.name);
}

function elementType(name: string): string {
  return (Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined) ?? name;
}

function referenceFrame(attributes: Attributes, declared: string): Frame {
  const type = attributes.reference ?? declared;
  const read = schemaReader('string');
  return new TextFrame((text) => ({ type, value: read(text) }));
}

/** An enumeration, or a type that the tables do not have: text when there is any, else an object with its name. */
class UnnamedFrame implements Frame {
  private content = '';
  constructor(private readonly name: string) {}

  field(): undefined {
    return undefined;
  }

  text(value: string): void {
    this.content += value;
  }

  accept(): void {}

  value(): unknown {
    return this.content.trim() === ''
      ? new ObjectFrame(UNKNOWN, this.name).value()
      : schemaReader('string')(this.content);
  }
}
