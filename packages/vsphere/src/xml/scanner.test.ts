import { expect, test } from '@jest/globals';
import { XmlScanner } from './scanner.js';

/** What a scanner says of a document that comes in pieces of this length. */
function scan(document: string, piece: number): string {
  const said: string[] = [];
  const scanner = new XmlScanner({
    open: ({ local, attributes }) => said.push(`<${local}|${attributes}>`),
    text: (value) => said.push(value),
    close: () => said.push('</>'),
  });
  for (let start = 0; start < document.length; start += piece) scanner.write(document.slice(start, start + piece));
  scanner.end();
  return said.join('');
}

test('a tag that came before is known again, one that only begins like it is not', () => {
  const document =
    '<r><a b="1">x</a><a b="1>2">y</a><a b="1">z</a ><p:a b="1"/><a b=\'"\'/><a b=\'">"\'/><a/><a></a></r>';
  const said =
    '<r|><a| b="1">x</><a| b="1>2">y</><a| b="1">z</><a| b="1"></><a| b=\'"\'></><a| b=\'">"\'></><a|></><a|></></>';
  for (const piece of [1, 2, 3, 7, 1_000]) expect(scan(document, piece)).toBe(said);
});

test.each([
  ['<a></b>', 'closes b where a is open'],
  ['<a></ab>', 'closes ab where a is open'],
  ['<a></a></a>', 'closes a where nothing is open'],
  ['<ab></a>', 'closes a where ab is open'],
  ['<a/><a/>', 'second document'],
  ['<a><></a>', 'without a name'],
  ['<a><b<c></a>', 'without a name'],
])('%s is refused, in whatever pieces', (document, why) => {
  for (const piece of [1, 2, 1_000]) expect(() => scan(document, piece)).toThrow(why);
});

test('more distinct tags than are remembered, and longer ones, are read as well', () => {
  const tags = Array.from({ length: 3_000 }, (_, number) => `<t n="${number % 1_500}"/>`).join('');
  const long = `<t n="${'x'.repeat(1_000)}"/>`;
  expect(scan(`<r>${tags}${long}${long}</r>`, 4_096).match(/<t\|/g)).toHaveLength(3_002);
});
