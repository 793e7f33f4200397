import { expect, it } from '@jest/globals';
import {
  readParameterList,
  readTypedParameters,
  writeTypedParameters,
  type TypedParameters,
} from './typed-parameters.js';
import { XdrReader } from './xdr/reader.js';
import { XdrWriter } from './xdr/writer.js';

function sent(parameters: TypedParameters): XdrReader {
  const writer = new XdrWriter();
  writeTypedParameters(writer, parameters, 16);
  return new XdrReader(writer.take());
}

it('gives every type back as it was', () => {
  const parameters = {
    cpu_shares: 1024n,
    vcpu_quota: -1n,
    weight: 500,
    poll_grow: 4294967295,
    text: 'ä',
    flag: true,
    ratio: 0.5,
    whole: -7,
    large: 1n << 63n,
  };
  expect({ ...readTypedParameters(sent(parameters), 16) }).toEqual(parameters);
});

it('sends a known name with its own type, whatever number it is given as', () => {
  expect({ ...readTypedParameters(sent({ hard_limit: 4096, weight: 7n }), 16) }).toEqual({
    hard_limit: 4096n,
    weight: 7,
  });
});

it('sends a name several times, and an explicit type', () => {
  const reader = sent({ migrate_disks: ['vda', 'vdb'], x: { type: 'uint', value: 3 } });
  expect(readParameterList(reader, 16)).toEqual([
    ['migrate_disks', 'vda'],
    ['migrate_disks', 'vdb'],
    ['x', 3],
  ]);
});

it.each<TypedParameters>([
  { hard_limit: 'much' },
  { hard_limit: -1 },
  { weight: 2 ** 32 },
  { device_weight: 5 },
  { x: { type: 'int', value: 2 ** 31 } },
  { 'na\0me': 1 },
  Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, 1])),
])('refuses %j', (parameters) => {
  expect(() => sent(parameters)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

it('names a parameter like a property of objects without harm', () => {
  const values = readTypedParameters(sent({ ['__proto__']: 1, constructor: 2 }), 16);
  expect(Object.entries(values)).toEqual(expect.arrayContaining([['constructor', 2]]));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
