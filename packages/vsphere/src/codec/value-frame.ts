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

/** Makes frames for an element whose declared type is `declared`, by what its attributes say about the actual one. */
export function valueFrameMaker(declared: string, attributes: Attributes): () => Frame {
  if (attributes.nil) return () => new TextFrame(() => undefined);
  if (declared.startsWith('@')) return referenceFrameMaker(attributes, declared.slice(1));
  const reader = primitiveReader(declared);
  if (reader) return () => new TextFrame(reader);
  if (declared === 'any') return anyFrameMaker(attributes);
  const base = dataType(declared);
  // An enumeration.
  if (!base) return () => new TextFrame(schemaReader('string'));
  const name = attributes.type?.name ?? declared;
  const type = dataType(name) ?? base;
  return () => new ObjectFrame(type, name);
}

function anyFrameMaker(attributes: Attributes): () => Frame {
  const { type } = attributes;
  if (type === undefined || type.primitive) {
    const read = schemaReader(type?.name ?? 'string');
    return () => new TextFrame(read);
  }
  const { name } = type;
  if (name === 'ManagedObjectReference') return referenceFrameMaker(attributes, 'ManagedObject');
  const known = dataType(name);
  if (known) return () => new ObjectFrame(known, name);
  if (name.startsWith('ArrayOf')) {
    const element = elementType(name.slice('ArrayOf'.length));
    return () => new ListFrame(element);
  }
  return () => new UnnamedFrame(name);
}

function elementType(name: string): string {
  return (Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined) ?? name;
}

function referenceFrameMaker(attributes: Attributes, declared: string): () => Frame {
  const type = attributes.reference ?? declared;
  const readValue = schemaReader('string');
  const read = (text: string) => ({ type, value: readValue(text) });
  return () => new TextFrame(read);
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
