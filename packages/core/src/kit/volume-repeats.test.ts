import { expect, it } from '@jest/globals';
import { bytes, mebibytes, poolId, type BlankVolume, type ContentVolume } from '../index.js';
import { createVolumeRepeats } from './volume-repeats.js';

const pool = poolId('fast');
const volume: BlankVolume = { pool, name: 'data', sizeBytes: mebibytes(1), clientToken: 'once' };
const id = { pool, key: 'data.img' };

const fromContent = (hex: string): ContentVolume => ({
  pool,
  name: 'filled',
  clientToken: 'filling',
  content: {
    format: 'raw',
    sizeBytes: bytes(0),
    virtualSizeBytes: bytes(0),
    checksum: { algorithm: 'sha256', hex },
    async *open() {},
  },
});

it('finds what the same token made from an equal input, until that is gone', () => {
  const repeats = createVolumeRepeats();
  repeats.note(volume, id);
  expect(repeats.find({ ...volume })).toEqual(id);
  repeats.forget({ pool: poolId('slow'), key: id.key });
  expect(repeats.find(volume)).toEqual(id);
  repeats.forget({ ...id });
  expect(repeats.find(volume)).toBeUndefined();
});

it('refuses a token that made something else', () => {
  const repeats = createVolumeRepeats();
  repeats.note(volume, id);
  const larger: BlankVolume = { ...volume, sizeBytes: mebibytes(2) };
  const refusal = expect.objectContaining({ code: 'REQUEST.CONFLICT', subject: id.key }) as unknown;
  expect(() => repeats.find(larger)).toThrow(refusal);
  repeats.note(fromContent('aa'), id);
  expect(repeats.find(fromContent('aa'))).toEqual(id);
  expect(() => repeats.find(fromContent('bb'))).toThrow(refusal);
});

it('remembers nothing for calls without a token', () => {
  const repeats = createVolumeRepeats();
  const { clientToken: _, ...plain } = volume;
  repeats.note(plain, id);
  expect(repeats.find(plain)).toBeUndefined();
});
