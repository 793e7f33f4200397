import { bytes, gibibytes, mebibytes, Secret } from '@virt-drivers/core';
import { humanBytes, printable } from './human.js';
import { plain } from './plain.js';

describe('plain', () => {
  it('keeps sizes exact', () => {
    expect(plain({ size: gibibytes(1), huge: bytes(2n ** 60n) })).toEqual({
      size: 1_073_741_824,
      huge: '1152921504606846976',
    });
  });
  it('never shows a secret', () => {
    expect(JSON.stringify(plain({ password: new Secret('hunter2') }))).toBe('{"password":"[secret]"}');
  });
  it('writes dates in UTC', () => {
    expect(plain(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('humanBytes', () => {
  it.each([
    [bytes(512), '512 B'],
    [mebibytes(1), '1 MiB'],
    [mebibytes(1536), '1.5 GiB'],
    [gibibytes(200), '200 GiB'],
  ])('%s is %s', (value, text) => expect(humanBytes(value)).toBe(text));
});

describe('printable', () => {
  it('shows control characters instead of sending them to the terminal', () => {
    expect(printable('a\u001b[31mb\u202ec')).toBe('a\\u{1b}[31mb\\u{202e}c');
  });
  it('leaves text of every language alone', () => {
    expect(printable('Zürich 東京 🦉')).toBe('Zürich 東京 🦉');
  });
});
