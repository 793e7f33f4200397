/** The namespaces that vSphere's messages use. */
export const namespaces = {
  envelope: 'http://schemas.xmlsoap.org/soap/envelope/',
  schema: 'http://www.w3.org/2001/XMLSchema',
  instance: 'http://www.w3.org/2001/XMLSchema-instance',
  vim25: 'urn:vim25',
} as const;

/** A name in a namespace. */
export interface QualifiedName {
  readonly namespace: string;
  readonly name: string;
}

/** An XML element as far as SOAP needs it: either children or text, and the two attributes that mean something. */
export interface Element {
  readonly name: string;
  readonly namespace: string;
  /** `xsi:type`, resolved. */
  readonly dataType?: QualifiedName | undefined;
  /** The kind of managed object that a reference names. */
  readonly type?: string | undefined;
  readonly children: readonly Element[];
  readonly text: string;
}

/** What a new element may be made of. */
export type Content = string | number | boolean | readonly Element[];

/** A new element; without children its text is `content`. */
export function element(
  name: string,
  content: Content = [],
  about: Partial<Pick<Element, 'namespace' | 'dataType' | 'type'>> = {},
): Element {
  const isText = typeof content !== 'object';
  return {
    name,
    namespace: namespaces.vim25,
    ...about,
    children: isText ? [] : content,
    text: isText ? String(content) : '',
  };
}

/** An element that says its own data type, in `urn:vim25`. */
export const typed = (name: string, dataType: string, content: Content = []): Element =>
  element(name, content, { dataType: { namespace: namespaces.vim25, name: dataType } });

/** An element of one of XML Schema's own types, such as `xsd:int`. */
export const primitive = (name: string, dataType: string, content: Content): Element =>
  element(name, content, { dataType: { namespace: namespaces.schema, name: dataType } });

/** The first child of a name. */
export const child = (parent: Element | undefined, name: string): Element | undefined =>
  parent?.children.find((each) => each.name === name);

/** All children of a name. */
export const childrenOf = (parent: Element | undefined, name: string): readonly Element[] =>
  parent?.children.filter((each) => each.name === name) ?? [];

/** The text of the first child of a name. */
export const textOf = (parent: Element | undefined, name: string): string | undefined => child(parent, name)?.text;

/** The same element with other children. */
export const withChildren = (parent: Element, children: readonly Element[]): Element => ({ ...parent, children });

/** The same element with the children of one name replaced; without `content` they are removed. A new one comes last. */
export function replaceChild(parent: Element, name: string, content: Element | undefined): Element {
  const at = parent.children.findIndex((each) => each.name === name);
  const others = parent.children.filter((each) => each.name !== name);
  if (!content) return withChildren(parent, others);
  const before = at < 0 ? others.length : at;
  return withChildren(parent, [...others.slice(0, before), content, ...others.slice(before)]);
}
