import { describe, expect, it } from '@jest/globals';
import {
  append,
  attribute,
  child,
  children,
  parseXml,
  remove,
  replace,
  serialize,
  textAt,
  toXml,
  tree,
} from './xml.js';

describe('a document', () => {
  it('is read with references, CDATA and line ends as XML has them, and without what means nothing', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<!-- c --><a x=\'1 &lt; "2"\' y="&#x41;&#66;"><b>&amp;<![CDATA[<&>]]><!-- c -->\r\n!</b></a>\n',
    );
    expect(attribute(root, 'x')).toBe('1 < "2"');
    expect(attribute(root, 'y')).toBe('AB');
    expect(textAt(root, 'b')).toBe('&<&>\n!');
  });

  it.each([
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a x=1/>',
    '<a x="<"/>',
    '<a><!-- </a>',
    '<a><![CDATA[</a>',
    '</a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>& </a>',
    `${'<a>'.repeat(2000)}${'</a>'.repeat(2000)}`,
    '<a>&unknown;</a>',
    '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    '<a>\u0000</a>',
  ])('%j is refused', (text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: 'HOST.FAILED' }));
  });

  it('has no attributes but its own', () => {
    const root = parseXml('<a/>');
    expect(attribute(root, 'constructor')).toBeUndefined();
    expect(attribute(root, '__proto__')).toBeUndefined();
  });

  it('knows namespaces by their declarations, nearest first', () => {
    const root = parseXml('<a xmlns="urn:1" xmlns:p="urn:2"><b/><p:c/><d xmlns=""><e/></d><q:f/></a>');
    const spaces = children(root).map((element) => element.namespaceURI);
    expect(spaces).toEqual(['urn:1', 'urn:2', undefined, undefined]);
    expect(child(root, 'd/e')?.namespaceURI).toBeUndefined();
    expect(child(root, 'c')?.name).toBe('p:c');
  });
});

describe('a part of a document', () => {
  const source = '<a xmlns:p="urn:p" xmlns:q="urn:q"><b p:x="&quot;&amp;&#10;">1 &lt; 2<p:c/></b><d/></a>';

  it('stands alone with the prefixes that it uses', () => {
    const part = child(parseXml(source), 'b');
    expect(part && serialize(part)).toBe('<b p:x="&quot;&amp;&#10;" xmlns:p="urn:p">1 &lt; 2<p:c/></b>');
  });

  it('is changed in its place', () => {
    const root = parseXml(source);
    for (const b of children(root, 'b')) replace(b, tree('n', { v: 1n, none: undefined }, 't'));
    for (const d of children(root, 'd')) remove(d);
    append(root, { ...tree('r:e'), namespace: 'urn:r' });
    const now = '<a xmlns:p="urn:p" xmlns:q="urn:q"><n v="1">t</n><r:e xmlns:r="urn:r"/></a>';
    expect(serialize(root)).toBe(now);
    expect(children(parseXml(now)).map((element) => element.namespaceURI)).toEqual([undefined, 'urn:r']);
  });
});

it.each(['& < > " \' ]]>', '\r\n\t', ' \u2028\u0085\u{1F98A} ', ''])('text %j survives', (text) => {
  const root = parseXml(toXml(tree('a', { x: text }, tree('b', {}, text))));
  expect([attribute(root, 'x'), textAt(root, 'b')]).toEqual([text, text]);
});

it.each(['\u0000', '\u001f', '\uD800', '\uFFFE'])('text %j is refused, for XML cannot hold it', (text) => {
  expect(() => toXml(tree('a', { x: text }))).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
});
