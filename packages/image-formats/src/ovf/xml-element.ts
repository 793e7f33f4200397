import { SaxesParser } from 'saxes';
import { ImageError } from '../image-error.js';
import { isKnown } from './namespaces.js';

/** An element with its names resolved. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** By `{namespace}name`, or by name for attributes without a namespace. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly in it, trimmed. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const MOST_ELEMENTS = 50_000;
const DEEPEST = 64;

/**
 * Reads a document strictly. Document types are refused, so that no entity can be defined; so are absurd depth and count.
 * Errors: `ImageError` unsafe, corrupt.
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('doctype', () => {
    throw new ImageError('unsafe', 'Its descriptor has a document type, which could define entities.');
  });
  parser.on('error', (cause) => {
    throw new ImageError('corrupt', 'Its descriptor is not well-formed XML.', { cause });
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    count += 1;
    if (count > MOST_ELEMENTS || open.length >= DEEPEST)
      throw new ImageError('unsafe', 'Its descriptor has absurdly many elements.');
    const pairs = Object.values(attributes).map((each): [string, string] => [
      each.uri === '' ? each.local : `{${each.uri}}${each.local}`,
      each.value,
    ]);
    open.push({ namespace: uri, name: local, attributes: new Map(pairs), children: [], text: '' });
  });
  parser.on('text', (piece) => {
    const element = open.at(-1);
    if (element) element.text += piece;
  });
  parser.on('cdata', (piece) => {
    const element = open.at(-1);
    if (element) element.text += piece;
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (!element) return;
    element.text = element.text.trim();
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(text).close();
  if (!root) throw new ImageError('corrupt', 'Its descriptor is empty.');
  return root;
}

/** Children of this name in a namespace that OVF uses. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  (element?.children ?? []).filter((child) => child.name === name && isKnown(child.namespace));

/** The text of the first child of this name; undefined when there is none, or it is empty. */
export const textOf = (element: XmlElement, name: string): string | undefined =>
  childrenOf(element, name)[0]?.text || undefined;
