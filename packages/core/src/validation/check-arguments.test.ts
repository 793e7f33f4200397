import { bytes, mebibytes } from '../values/quantity.js';
import { checkArguments } from './check-arguments.js';
import { MEMBERS } from './member-schemas.js';

const create = (change: object): void => {
  const spec = {
    name: 'm',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(64) },
    boot: { firmware: 'bios' },
    disks: [],
    nics: [],
  };
  checkArguments('machines.create', MEMBERS.machines.create, [{ ...spec, ...change }]);
};
const record = (body: unknown): void => create({ record: { owner: 'o', body } });

describe('arguments of machines.create', () => {
  it('takes what is right', () => create({ description: 'two\nlines', clientToken: 'a:b-1' }));

  it.each([
    ['a name with a line break', { name: 'a\nb' }, 'name'],
    ['a name with NUL', { name: 'a\0b' }, 'name'],
    ['half a surrogate pair', { name: 'a\ud83e' }, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a description with an escape sequence', { description: '\u001b[0m' }, 'description'],
    ['a number as size', { memory: { sizeBytes: 64 } }, 'memory.sizeBytes'],
    ['no memory', { memory: { sizeBytes: bytes(0) } }, 'memory.sizeBytes'],
    ['a topology of another size', { cpu: { count: 4, topology: { sockets: 1, cores: 2, threads: 1 } } }, 'topology'],
    ['secure boot on BIOS', { boot: { firmware: 'bios', secureBoot: true } }, 'secureBoot'],
    ['a disk without a volume', { disks: [{}] }, 'volume'],
    ['a serial with a quote', { disks: [{ device: 'media', serial: '"' }] }, 'serial'],
    ['a group address', { nics: [{ network: 'n', macAddress: '01:00:5e:00:00:01' }] }, 'macAddress'],
    ['a member that nobody knows', { colour: 'red' }, 'colour'],
  ])('refuses %s', (_, change, place) => {
    expect(() => create(change)).toThrow(new RegExp(place.replace('.', '\\.')));
  });

  it.each(['Zürich', '日本', '🦉', `<&"'>`, '../../etc/passwd', ' '])('takes the name %s', (name) => create({ name }));
});

describe('bodies of records', () => {
  it.each([[{ a: [1, 'x', null, true, { b: 1.5 }] }], ['text'], [null], [structuredClone({ other: 'realm' })]])(
    'takes %j',
    (body) => record(body),
  );

  it.each([[{ a: undefined }], [1n], [new Date(0)], [new Map()], [Number.NaN], [() => 1]])('refuses %p', (body) => {
    expect(() => record(body)).toThrow(/plain JSON/);
  });
});
