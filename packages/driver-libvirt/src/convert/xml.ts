import { DriverError } from '@virt-drivers/core';
import { Element, prefixOf } from './xml-element.js';
import { readXml } from './xml-reader.js';
import { writeXml } from './xml-writer.js';

export type { Element } from './xml-element.js';

type Scalar = string | number | bigint;

/** One element to be built: plain data, so that converters stay pure. */
export interface Tree {
  readonly name: string;
  readonly namespace?: string;
  readonly attributes: Readonly<Record<string, Scalar | undefined>>;
  readonly children: readonly (Tree | Scalar | undefined)[];
}

// What XML 1.0 cannot hold, escaped or not. https://www.w3.org/TR/xml/#charsets
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/** Describes an element; undefined attributes and children are left out. */
export const tree = (name: string, attributes: Tree['attributes'] = {}, ...children: Tree['children']): Tree => ({
  name,
  attributes,
  children,
});

/** XML text of the element. Errors: `REQUEST.INVALID` for text that XML cannot hold. */
export const toXml = (root: Tree): string => writeXml(create(root));

/** XML text of an element as it is, with everything that we do not know. */
export const serialize = (element: Element): string => writeXml(element);

/** Reads a document. Errors: `HOST.FAILED`, for only the host sends XML. */
export function parseXml(text: string): Element {
  try {
    return readXml(text);
  } catch (cause) {
    throw new DriverError('HOST.FAILED', 'Host sent XML that cannot be read. Look at its log.', { cause });
  }
}

/** Adds a described element to one that was read. */
export function append(parent: Element, child: Tree): void {
  parent.append(create(child));
}

/** Puts a described element in the place of one that was read. */
export function replace(old: Element, now: Tree): void {
  old.replaceWith(create(now));
}

export function remove(element: Element): void {
  element.replaceWith();
}

/** Child elements, all or those of one name. */
export function children(parent: Element | undefined, name?: string): Element[] {
  const found: Element[] = [];
  for (const item of parent?.content ?? []) {
    if (typeof item !== 'string' && (name === undefined || item.localName === name)) found.push(item);
  }
  return found;
}

/** The element that is reached by names from here, separated by `/`. */
export function child(parent: Element | undefined, path: string): Element | undefined {
  let at = parent;
  for (const name of path.includes('/') ? path.split('/') : [path]) at = at && first(at, name);
  return at;
}

function first(parent: Element, name: string): Element | undefined {
  for (const item of parent.content) if (typeof item !== 'string' && item.localName === name) return item;
  return undefined;
}

/** Text of the element at the path; undefined when there is none. */
export const textAt = (parent: Element | undefined, path: string): string | undefined =>
  child(parent, path)?.textContent;

/** Attribute of the element at the path (or of `element` itself); undefined when there is none. */
export function attribute(element: Element | undefined, name: string, path?: string): string | undefined {
  const at = path === undefined ? element : child(element, path);
  return at?.getAttribute(name);
}

function create({ name, namespace, attributes, children: inner }: Tree): Element {
  const element = new Element(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, fit(String(value)));
  }
  const prefix = prefixOf(name);
  if (namespace !== undefined) element.setAttribute(prefix === undefined ? 'xmlns' : `xmlns:${prefix}`, namespace);
  for (const item of inner) {
    if (item !== undefined) element.append(typeof item === 'object' ? create(item) : fit(String(item)));
  }
  return element;
}

function fit(text: string): string {
  if (!UNFIT.test(text)) return text;
  throw new DriverError(
    'REQUEST.INVALID',
    `Text ${JSON.stringify(text)} holds a character that XML cannot carry. Leave it out.`,
  );
}
