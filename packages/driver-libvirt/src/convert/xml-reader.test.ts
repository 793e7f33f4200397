import { expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';
import { Element } from './xml-element.js';
import { readXml } from './xml-reader.js';

type Shape = [name: string, attributes: Record<string, string>, content: (Shape | string)[]];

const golden = new URL('../../test/golden/', import.meta.url);
const documents = [
  ...readdirSync(golden).map((name) => readFileSync(new URL(name, golden), 'utf8')),
  `<?xml version="1.0"?><a p='1' xmlns:q="urn:q"><!-- c --><q:b q:x="&lt;&#65;"/>t&amp;<![CDATA[<&]]> <c> </c>\t<d/>\r\n</a>`,
];

/** What a parser for all of XML says; undefined for what it refuses, and for document types, which libvirt never sends. */
function reference(text: string): Shape | undefined {
  const parser = new SaxesParser({ xmlns: false });
  const top: Shape = ['', {}, []];
  const open = [top];
  const add = (content: string): void => void open.at(-1)?.[2].push(content);
  let typed = false;
  parser.on('doctype', () => (typed = true));
  parser.on('opentag', ({ name, attributes }) => {
    const shape: Shape = [name, { ...attributes }, []];
    open.at(-1)?.[2].push(shape);
    open.push(shape);
  });
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => open.pop());
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  const root = top[2].find((item) => typeof item !== 'string');
  return typed || root === undefined ? undefined : withoutSpace(root);
}

/** Neighbouring texts are one, and space beside elements is none. */
function withoutSpace([name, attributes, content]: Shape): Shape {
  const joined = content.reduce<(Shape | string)[]>((all, item) => {
    const last = all.at(-1);
    if (typeof item === 'string' && typeof last === 'string') all[all.length - 1] = last + item;
    else all.push(item);
    return all;
  }, []);
  const mixed = joined.some((item) => typeof item !== 'string');
  const kept = joined.filter((item) => typeof item !== 'string' || item.trim() !== '' || (!mixed && item !== ''));
  return [name, attributes, kept.map((item) => (typeof item === 'string' ? item : withoutSpace(item)))];
}

const shapeOf = (element: Element): Shape => [
  element.name,
  Object.fromEntries(element.attributes()),
  element.content.map((item) => (typeof item === 'string' ? item : shapeOf(item))),
];

function own(text: string): Shape | undefined {
  try {
    return withoutSpace(shapeOf(readXml(text)));
  } catch {
    return undefined;
  }
}

it.each(documents.map((text, index) => [index, text]))(
  'document %i is read as by a parser for all of XML',
  (_, text) => {
    expect(reference(String(text))).toBeDefined();
    expect(own(String(text))).toEqual(reference(String(text)));
  },
);

/** The same numbers in every run. */
function* numbers(seed: string): Generator<number> {
  for (let block = 0; ; block++) {
    const bytes = createHash('sha256').update(`${seed} ${block}`).digest();
    for (let at = 0; at < bytes.length; at += 4) yield bytes.readUInt32LE(at);
  }
}

const PIECES = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '=',
  ' ',
  'a',
  '\n',
  '\r',
  '<x>',
  '</x>',
  '<x/>',
  '&#10;',
  '&lt;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '\u2028',
  '\u0001',
  ' a="1"',
];

it('and so is what accidents make of documents, where it still is one', () => {
  const next = numbers('accidents');
  const pick = (below: number): number => Number(next.next().value) % below;
  let accepted = 0;
  for (let round = 0; round < 3000; round++) {
    let text = documents[pick(documents.length)] ?? '';
    for (let change = pick(3); change >= 0; change--) {
      const at = pick(text.length);
      text = text.slice(0, at) + (PIECES[pick(PIECES.length + 4)] ?? '') + text.slice(at + pick(4));
    }
    const expected = reference(text);
    if (!expected) continue;
    accepted += 1;
    expect({ text, read: own(text) }).toEqual({ text, read: expected });
  }
  expect(accepted).toBeGreaterThan(250);
});
