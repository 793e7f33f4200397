import { protocolViolation } from '../errors/vsphere-error.js';
import { detached } from '../xml/detached.js';

/** What a primitive of the wire is in the program: int64 is bigint, a dateTime stays as it was written. */
export type Primitive = string | number | bigint | boolean | Uint8Array;

type Read = (text: string) => Primitive;

const READERS = new Map<string, Read>(
  Object.entries({
    string: detached,
    dateTime: detached,
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
  }),
);
/** XML Schema types that vSphere writes in `any` values beside those of its tables. */
const ALIASES = new Map(
  Object.entries({
    unsignedInt: 'long',
    unsignedShort: 'int',
    unsignedByte: 'int',
    unsignedLong: 'long',
    integer: 'long',
    decimal: 'double',
  }),
);

/** How a primitive is read; undefined for a type that is none. A type of XML Schema that we do not know stays text. */
export function primitiveReader(type: string): Read | undefined {
  return READERS.get(type);
}

/** How a value is read whose type the server names as one of XML Schema's. A type that we do not know stays text. */
export function schemaReader(type: string): Read {
  return READERS.get(type) ?? READERS.get(ALIASES.get(type) ?? '') ?? detached;
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
