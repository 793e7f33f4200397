import { protocolViolation } from '../errors/vsphere-error.js';

/** What a primitive of the wire is in the program: int64 is bigint, a dateTime stays as it was written. */
export type Primitive = string | number | bigint | boolean | Uint8Array;

type Read = (text: string) => Primitive;

const READERS: Readonly<Record<string, Read>> = {
  string: unshared,
  dateTime: unshared,
  int: integer,
  short: integer,
  byte: integer,
  long: (text) => {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) throw notA('long', text);
    return BigInt(text.trim().replace(/^\+/, ''));
  },
  boolean: (text) => {
    const value = text.trim();
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
    throw notA('boolean', text);
  },
  float: decimal,
  double: decimal,
  base64Binary: (text) => new Uint8Array(Buffer.from(text, 'base64')),
};
/** XML Schema types that vSphere writes in `any` values beside those of its tables. */
const ALIASES: Readonly<Record<string, string>> = {
  unsignedInt: 'long',
  unsignedShort: 'int',
  unsignedByte: 'int',
  unsignedLong: 'long',
  integer: 'long',
  decimal: 'double',
};

/** How a primitive is read; undefined for a type that is none. A type of XML Schema that we do not know stays text. */
export function primitiveReader(type: string): Read | undefined {
  return Object.hasOwn(READERS, type) ? READERS[type] : undefined;
}

/** How a value is read whose type the server names as one of XML Schema's. A type that we do not know stays text. */
export function schemaReader(type: string): Read {
  return primitiveReader(Object.hasOwn(ALIASES, type) ? (ALIASES[type] ?? type) : type) ?? unshared;
}

/** A slice keeps the whole piece of the answer alive that it was cut from; this one does not. */
function unshared(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || text.trim() === '') throw notA('int', text);
  return value;
}

function decimal(text: string): number {
  const value = text.trim();
  if (value === 'INF') return Number.POSITIVE_INFINITY;
  if (value === '-INF') return Number.NEGATIVE_INFINITY;
  if (value === 'NaN') return Number.NaN;
  const number = Number(value);
  if (Number.isNaN(number) || value === '') throw notA('number', text);
  return number;
}

function notA(type: string, text: string) {
  return protocolViolation(
    `The answer has ${JSON.stringify(text.slice(0, 40))} where a value of type ${type} belongs.`,
  );
}
