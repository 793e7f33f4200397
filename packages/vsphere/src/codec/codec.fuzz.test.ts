import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isVsphereError } from '../errors/vsphere-error.js';
import { dataType, dataTypeNames, enumeration, type Field } from '../schema/schema.js';
import { shippedMethod } from '../session/login.js';
import { AnswerDecoder } from './answer-decoder.js';
import { encodeRequest } from './encode-request.js';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
const TYPES = dataTypeNames().filter((name) => !name.startsWith('Pbm'));

/** What XML can carry: no control characters, no halves of surrogate pairs. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((value) => value.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, ''));
const number = fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: text,
  int: integer(32),
  short: integer(16),
  byte: integer(8),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  boolean: fc.boolean(),
  float: number,
  double: number,
  dateTime: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  base64Binary: fc.uint8Array({ maxLength: 9 }).map((bytes) => new Uint8Array(bytes)),
};
const anything = fc.oneof(text, integer(32), fc.boolean(), PRIMITIVES['long'] ?? text);

function valueOf(type: string, depth: number): fc.Arbitrary<unknown> {
  const primitive = PRIMITIVES[type];
  if (primitive) return primitive;
  if (type === 'any') return anything;
  if (type.startsWith('@')) return text.map((value) => ({ type: type.slice(1), value }));
  const values = enumeration(type);
  return values ? fc.constantFrom(...values) : objectOf(type, depth + 1);
}

function objectOf(name: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const { fields } = dataType(name) ?? { fields: [] };
  const wanted = fields.filter(({ optional }) => depth < 2 || !optional);
  const members = Object.fromEntries(wanted.map((field) => [field.name, memberOf(field, depth)]));
  const requiredKeys = wanted.filter(({ optional }) => !optional).map((field) => field.name);
  return fc.record(members, { requiredKeys }).map((value) => ({ $type: name, ...value }));
}

const memberOf = ({ type, array, optional }: Field, depth: number) =>
  array ? fc.array(valueOf(type, depth), { minLength: optional ? 1 : 0, maxLength: 2 }) : valueOf(type, depth);

/** A value as a request carries it, in the answer of a listing. */
function answerWith(value: object): Buffer {
  const spec = { extraConfig: [{ key: 'k', value }] };
  const request = encodeRequest(shippedMethod('ReconfigVM_Task'), { type: 'VirtualMachine', value: 'vm-1' }, { spec });
  const xml = /<key>k<\/key><value(.*)<\/value><\/extraConfig>/s.exec(request)?.[1] ?? '';
  return Buffer.from(
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body><RetrievePropertiesExResponse><returnval><objects>' +
      `<obj type="VirtualMachine">vm-1</obj><propSet><name>x</name><val${xml}</val></propSet></objects></returnval>` +
      '</RetrievePropertiesExResponse></s:Body></s:Envelope>',
  );
}

function decode(pieces: readonly Uint8Array[]): unknown {
  const decoder = new AnswerDecoder(shippedMethod('RetrievePropertiesEx'));
  for (const piece of pieces) decoder.write(piece);
  return decoder.end().result;
}

const typed = fc.constantFrom(...TYPES).chain((name) => objectOf(name, 0));

test('what is written is read back, wherever its pieces end', () => {
  const cutting = fc.array(fc.nat(4_000), { maxLength: 6 });
  fc.assert(
    fc.property(typed, cutting, (value, cuts) => {
      const bytes = answerWith(value);
      const ends = [...new Set([...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort(
        (a, b) => a - b,
      );
      const pieces = ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
      expect(decode(pieces)).toMatchObject({ objects: [{ propSet: [{ name: 'x', val: value }] }] });
    }),
    { numRuns: RUNS },
  );
});

test('damaged answers are read or refused, and nothing else happens', () => {
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(20),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom('<', '>', '</', '&', '&#x;', '"', '<![CDATA[', '<!--', ']]>', '<a><a>', 'xmlns:xsi=""', '\ufeff')
        .map((token) => Buffer.from(token)),
    ),
  });
  fc.assert(
    fc.property(typed, fc.array(damage, { minLength: 1, maxLength: 4 }), (value, damages) => {
      let bytes = answerWith(value);
      for (const { at, remove, insert } of damages) {
        const start = Math.floor(at * bytes.length);
        bytes = Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
      }
      try {
        decode([bytes]);
      } catch (error) {
        if (!isVsphereError(error) || error.code !== 'PROTOCOL_VIOLATION') throw error;
      }
    }),
    { numRuns: RUNS * 2 },
  );
});
