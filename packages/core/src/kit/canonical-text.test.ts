import { expect, it } from '@jest/globals';
import { mebibytes, Secret } from '../index.js';
import { canonicalDigest, canonicalText } from './canonical-text.js';

it('is equal whatever the order of members, at any depth, and for nothing else', () => {
  const one = { a: 1, b: { c: mebibytes(1), d: [2, { e: 3, f: 4 }] } };
  const same = { b: { d: [2, { f: 4, e: 3 }], c: mebibytes(1) }, a: 1 };
  expect(canonicalText(same)).toBe(canonicalText(one));
  expect(canonicalDigest(same)).toBe(canonicalDigest(one));
  expect(canonicalText({ ...one, b: { ...one.b, d: [{ e: 3, f: 4 }, 2] } })).not.toBe(canonicalText(one));
  expect(canonicalText({ a: 1n })).not.toBe(canonicalText({ a: 1 }));
});

it('leaves out what is absent or a function, and never has a secret in it', () => {
  expect(canonicalText({ a: undefined, b: () => 1, c: new Secret('told') })).toBe('{"c":"[secret]"}');
  expect(canonicalDigest({ c: new Secret('one') })).toBe(canonicalDigest({ c: new Secret('other') }));
});
