import { DOMImplementation, DOMParser, XMLSerializer, onWarningStopParsing } from '@xmldom/xmldom';
import type { Document, Element, Node } from '@xmldom/xmldom';
import { DriverError } from '@virt-drivers/core';

export type { Element } from '@xmldom/xmldom';

type Scalar = string | number | bigint;

/** One element to be built: plain data, so that converters stay pure. */
export interface Tree {
  readonly name: string;
  readonly namespace?: string;
  readonly attributes: Readonly<Record<string, Scalar | undefined>>;
  readonly children: readonly (Tree | Scalar | undefined)[];
}

const implementation = new DOMImplementation();
const serializer = new XMLSerializer();
const ELEMENT = 1;
// The rule of XML 1.0; xmldom's own is that of 1.1, which turns U+2028 into a newline.
const normalizeLineEndings = (text: string): string => text.replace(/\r\n?/g, '\n');
// What XML 1.0 cannot hold, escaped or not. https://www.w3.org/TR/xml/#charsets
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/** Describes an element; undefined attributes and children are left out. */
export const tree = (name: string, attributes: Tree['attributes'] = {}, ...children: Tree['children']): Tree => ({
  name,
  attributes,
  children,
});

/** XML text of the element. Errors: `REQUEST.INVALID` for text that XML cannot hold. */
export function toXml(root: Tree): string {
  return serialize(create(implementation.createDocument(null, ''), root));
}

/** XML text of an element as it is, with everything that we do not know. */
export const serialize = (element: Element): string =>
  serializer.serializeToString(element, { requireWellFormed: true });

/** Reads a document. Errors: `HOST.FAILED`, for only the host sends XML. */
export function parseXml(text: string): Element {
  try {
    const { documentElement } = new DOMParser({ onError: onWarningStopParsing, normalizeLineEndings }).parseFromString(
      text,
      'text/xml',
    );
    if (documentElement) return documentElement;
  } catch (cause) {
    throw new DriverError('HOST.FAILED', 'Host sent XML that cannot be read. Look at its log.', { cause });
  }
  throw new DriverError('HOST.FAILED', 'Host sent an empty XML document. Look at its log.');
}

/** Adds a described element to one that was read. */
export function append(parent: Element, child: Tree): void {
  parent.appendChild(create(ownerOf(parent), child));
}

/** Puts a described element in the place of one that was read. */
export function replace(old: Element, now: Tree): void {
  old.parentNode?.replaceChild(create(ownerOf(old), now), old);
}

export function remove(element: Element): void {
  element.parentNode?.removeChild(element);
}

/** Child elements, all or those of one name. */
export function children(parent: Element | undefined, name?: string): Element[] {
  const found: Element[] = [];
  for (let node = parent?.firstChild ?? null; node; node = node.nextSibling) {
    if (isElement(node) && (name === undefined || node.localName === name)) found.push(node);
  }
  return found;
}

/** The element that is reached by names from here, separated by `/`. */
export function child(parent: Element | undefined, path: string): Element | undefined {
  return path.split('/').reduce<Element | undefined>((at, name) => children(at, name)[0], parent);
}

/** Text of the element at the path; undefined when there is none. */
export const textAt = (parent: Element | undefined, path: string): string | undefined =>
  child(parent, path)?.textContent ?? undefined;

/** Attribute of the element at the path (or of `element` itself); undefined when there is none. */
export function attribute(element: Element | undefined, name: string, path?: string): string | undefined {
  const at = path === undefined ? element : child(element, path);
  return at?.getAttribute(name) ?? undefined;
}

const isElement = (node: Node): node is Element => node.nodeType === ELEMENT;

function ownerOf(element: Element): Document {
  if (!element.ownerDocument) throw new TypeError(`Element ${element.nodeName} belongs to no document.`);
  return element.ownerDocument;
}

function create(document: Document, { name, namespace, ...rest }: Tree): Element {
  const element = namespace === undefined ? document.createElement(name) : document.createElementNS(namespace, name);
  fill(document, element, { name, ...rest });
  return element;
}

function fill(document: Document, element: Element, { attributes, children: inner }: Tree): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, fit(String(value)));
  }
  for (const item of inner) {
    if (item === undefined) continue;
    const node = typeof item === 'object' ? create(document, item) : document.createTextNode(fit(String(item)));
    element.appendChild(node);
  }
}

function fit(text: string): string {
  if (!UNFIT.test(text)) return text;
  throw new DriverError(
    'REQUEST.INVALID',
    `Text ${JSON.stringify(text)} holds a character that XML cannot carry. Leave it out.`,
  );
}
