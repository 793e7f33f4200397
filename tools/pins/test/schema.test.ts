import { readFile } from 'node:fs/promises';
import { toJsonSchema } from '@valibot/to-json-schema';
import { emptyPins, parsePins } from '../src/index.js';
import { pinsSchema } from '../src/pins-schema.js';

const published = new URL('../pins.schema.json', import.meta.url);
// Whether a text is a version or a range is beyond JSON schema, which takes them as texts.
const generated = () => ({
  title: 'pins.json of virt-drivers',
  ...toJsonSchema(pinsSchema, { errorMode: 'ignore', typeMode: 'input' }),
});

it('publishes a JSON schema that says what is checked', async () => {
  expect(JSON.parse(await readFile(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(generated())));
});

describe('parsePins', () => {
  const at = '2026-01-02T03:04:05.000Z';
  const sha512 = `sha512-${'A'.repeat(86)}==`;
  const pin = {
    package: '@virt-drivers/driver-x',
    version: '1.0.0',
    kind: 'driver',
    state: 'approved',
    reason: 'Proven.',
    by: 'core-team',
    at,
    channels: { next: at },
    integrity: sha512,
    filesDigest: sha512,
    hypervisors: [],
    conformance: [],
  };
  const file = { ...emptyPins(), pins: [pin] };

  it('takes a good file', () => {
    expect(parsePins(file, 'pins.json').pins).toHaveLength(1);
  });

  it.each([
    ['an unknown field', { ...file, more: 1 }, /more/],
    [
      'a range instead of a version',
      { ...file, pins: [{ ...pin, version: '^1.0.0' }] },
      /pins\.0\.version: not an exact version/,
    ],
    ['a digest of another kind', { ...file, pins: [{ ...pin, integrity: 'sha1-abc' }] }, /integrity: not a SHA-512/],
    ['an undeclared channel', { ...file, pins: [{ ...pin, channels: { beta: at } }] }, /channel beta is not declared/],
    [
      'two versions in a channel',
      { ...file, pins: [pin, { ...pin, version: '1.0.1' }] },
      /in next has more than one version/,
    ],
    ['a version twice', { ...file, pins: [pin, { ...pin, channels: {} }] }, /pinned twice/],
    [
      'an approved pin in a blocked range',
      { ...file, blocks: [{ package: pin.package, range: '1.x', reason: 'Bad.', by: 'x', at }] },
      /approved and blocked at once/,
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => parsePins(value, 'pins.json')).toThrow(message);
  });
});
