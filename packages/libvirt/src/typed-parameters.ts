import { PARAMETER_TYPES } from './gen/parameter-types.gen.js';
import type { ParameterType } from './gen/parameter-types.gen.js';
import { LibvirtError } from './libvirt-error.js';
import type { XdrReader } from './xdr/reader.js';
import type { XdrWriter } from './xdr/writer.js';

export type { ParameterType } from './gen/parameter-types.gen.js';

/** 32-bit integers and doubles are numbers, 64-bit integers bigints. */
export type ParameterValue = number | bigint | boolean | string;

/** For a parameter whose type this library does not know: says how it is sent. */
export interface TypedValue {
  readonly type: ParameterType;
  readonly value: ParameterValue;
}

/**
 * libvirt's virTypedParameter list as a record, to be sent. A name that is sent several times has an array of values.
 * Plain values are sent with the type that libvirt documents for their name, else as string, boolean, ullong
 * (bigint) or int (number).
 */
export interface TypedParameters {
  readonly [name: string]: ParameterValue | TypedValue | readonly ParameterValue[];
}

/** A list as the daemon sends it. */
export type ParameterRecord = Readonly<Record<string, ParameterValue>>;

/** What `domainGetCpuStats` gives: `nparams` parameters for each processor, one processor after the other. */
export interface CpuStats {
  readonly params: readonly (readonly [name: string, value: ParameterValue])[];
  readonly nparams: number;
}

const NUMBERS: Readonly<Record<ParameterType, number>> = {
  int: 1,
  uint: 2,
  llong: 3,
  ullong: 4,
  double: 5,
  boolean: 6,
  string: 7,
};
const FIELD_MAX = 4194304;

export function readTypedParameters(reader: XdrReader, max: number): ParameterRecord {
  // Without a prototype: names come from the daemon.
  const values = Object.create(null) as Record<string, ParameterValue>;
  for (const [name, value] of readParameterList(reader, max)) values[name] = value;
  return values;
}

export function readParameterList(reader: XdrReader, max: number): [string, ParameterValue][] {
  return reader.readArray(max, readParameter);
}

function readParameter(reader: XdrReader): [string, ParameterValue] {
  return [reader.readString(FIELD_MAX), readValue(reader, reader.readInt32())];
}

function readValue(reader: XdrReader, type: number): ParameterValue {
  switch (type) {
    case NUMBERS.int:
      return reader.readInt32();
    case NUMBERS.uint:
      return reader.readUInt32();
    case NUMBERS.llong:
      return reader.readInt64();
    case NUMBERS.ullong:
      return reader.readUInt64();
    case NUMBERS.double:
      return reader.readDouble();
    case NUMBERS.boolean:
      return reader.readBool();
    case NUMBERS.string:
      return reader.readString();
    default:
      throw new LibvirtError(
        'PROTOCOL_VIOLATION',
        `Message from the daemon holds a parameter of the unknown type ${type}.`,
      );
  }
}

export function writeTypedParameters(writer: XdrWriter, parameters: TypedParameters, max: number): void {
  const flat = Object.entries(parameters).flatMap(([name, value]) =>
    isList(value) ? value.map((one) => ({ name, ...typed(name, one) })) : [{ name, ...typed(name, value) }],
  );
  writer.writeArray(flat, max, (_, { name, type, value }) => {
    writer.writeString(name);
    writer.writeInt32(NUMBERS[type]);
    writeValue(writer, name, type, value);
  });
}

function isList(value: TypedParameters[string]): value is readonly ParameterValue[] {
  return Array.isArray(value);
}

function typed(name: string, value: ParameterValue | TypedValue): TypedValue {
  if (typeof value === 'object') return value;
  const known = PARAMETER_TYPES.get(name);
  if (known) return { type: known, value };
  if (typeof value === 'string' || typeof value === 'boolean')
    return { type: typeof value as 'string' | 'boolean', value };
  if (typeof value === 'bigint') return { type: value < 0n ? 'llong' : 'ullong', value };
  return { type: Number.isInteger(value) ? 'int' : 'double', value };
}

function writeValue(writer: XdrWriter, name: string, type: ParameterType, value: ParameterValue): void {
  if (type === 'string' && typeof value === 'string') return writer.writeString(value);
  if (type === 'boolean' && typeof value === 'boolean') return writer.writeBool(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (type === 'int') return writer.writeInt32(Number(value));
    if (type === 'uint') return writer.writeUInt32(Number(value));
    if (type === 'double') return writer.writeDouble(Number(value));
    const whole = BigInt(value);
    if (type === 'llong') return writer.writeInt64(whole);
    if (type === 'ullong') return writer.writeUInt64(whole);
  }
  throw new LibvirtError('INVALID_ARGUMENT', `Parameter ${name} must be of the type ${type}, not ${typeof value}.`);
}
