import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Utf8Pieces } from './utf8-pieces.js';

function inPieces(bytes: Uint8Array, size: number): string {
  const pieces = new Utf8Pieces();
  let text = '';
  for (let start = 0; start < bytes.length; start += size) text += pieces.next(bytes.subarray(start, start + size));
  return text + pieces.end();
}

test('text is the same in whatever pieces it comes', () => {
  const unit = fc.constantFrom('a', 'z', '\n', '\u00e9', '\u4e2d', '\u{1f600}', '<', '\u0080');
  fc.assert(
    fc.property(fc.string({ unit }), fc.integer({ min: 1, max: 9 }), (text, size) => {
      expect(inPieces(Buffer.from(text), size)).toBe(text);
    }),
  );
});

test('bytes that are no UTF-8 are what TextDecoder makes of them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
      expect(inPieces(bytes, size)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  );
});
