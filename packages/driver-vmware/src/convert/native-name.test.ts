import { expect, test } from '@jest/globals';
import { escapeName, nativeName, unescapeName } from './native-name.js';

const uuid = '5021a7c4-0000-4000-8000-000000000001';

test('escapes what vSphere escapes, and nothing else', () => {
  expect(escapeName('a/b\\c%2f')).toBe('a%2fb%5cc%252f');
  for (const text of ['%2f', 'a/b\\c:d*e?f', '100%', '名前 \u{1F98A}', '%zz']) {
    expect(unescapeName(escapeName(text))).toBe(text);
  }
  expect(unescapeName('%2F%5C%41')).toBe('/\\%41');
});

test('a name that fits is native as it is', () => {
  expect(nativeName('web', uuid)).toBe('web');
  expect(nativeName('web', uuid, true)).toBe('web-5021a7c4');
});

test('a long name is cut between characters, and gets a suffix of its own', () => {
  const cut = nativeName('/'.repeat(255), uuid);
  expect(cut).toBe(`${'%2f'.repeat(23)}-5021a7c4`);
  expect(nativeName('\u{1F98A}'.repeat(100), uuid)).toMatch(/^\p{L}*[\p{So}]+-5021a7c4$/u);
  expect(nativeName('x'.repeat(81), uuid)).toHaveLength(80);
});

test('a name of blanks still is a name', () => {
  expect(nativeName('   ', uuid)).toBe('-5021a7c4');
});
