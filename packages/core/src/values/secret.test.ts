import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

const text = 'correct horse';
const secret = new Secret(text);

test('only reveal() gives the text', () => {
  expect(secret.reveal()).toBe(text);
  expect(new Secret('').reveal()).toBe('');
});

test.each([
  ['String()', String(secret)],
  ['a template', `${secret}`],
  ['concatenation', '' + secret],
  ['JSON', JSON.stringify({ password: secret })],
  ['inspect', inspect({ secret }, { depth: 9, showHidden: true })],
  ['format', format('%s %o %O %j', secret, secret, secret, secret)],
  ['its keys', JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
  ['a spread copy', inspect({ ...secret })],
  ['an error message', new Error(`login with ${secret} failed`).stack ?? ''],
])('%s does not show it', (_, shown) => {
  expect(shown).not.toContain(text);
});

test('a structured clone does not carry it', () => {
  expect(JSON.stringify(structuredClone({ secret }))).not.toContain(text);
});
