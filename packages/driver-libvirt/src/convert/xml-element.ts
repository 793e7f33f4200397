/**
 * An element of a document, with nothing around it that a DOM has: a listing reads thousands of documents, and a DOM of
 * each would cost more time and memory than all the rest.
 */
export class Element {
  parent: Element | undefined;
  /** Elements and the text between them, in order. */
  readonly content: (Element | string)[] = [];
  /** The name without its prefix. */
  readonly localName: string;

  /** `name` and the names of attributes are written as in the document: with a prefix, where they have one. */
  constructor(
    readonly name: string,
    readonly attributes: Record<string, string> = {},
  ) {
    this.localName = name.slice(name.indexOf(':') + 1);
  }

  /** The namespace by the nearest declaration; undefined for none. */
  get namespaceURI(): string | undefined {
    const prefix = prefixOf(this.name);
    const declaration = prefix === undefined ? 'xmlns' : `xmlns:${prefix}`;
    return this.declared(declaration);
  }

  /** All text in it. */
  get textContent(): string {
    return this.content.map((item) => (typeof item === 'string' ? item : item.textContent)).join('');
  }

  getAttribute(name: string): string | undefined {
    return Object.hasOwn(this.attributes, name) ? this.attributes[name] : undefined;
  }

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }

  private declared(declaration: string): string | undefined {
    const uri = this.getAttribute(declaration);
    return uri === undefined ? this.parent?.declared(declaration) : uri || undefined;
  }

  append(item: Element | string): void {
    if (typeof item !== 'string') item.parent = this;
    this.content.push(item);
  }

  /** Puts another element in its place; without one it is only taken out. */
  replaceWith(...others: readonly Element[]): void {
    const { parent } = this;
    if (!parent) return;
    parent.content.splice(parent.content.indexOf(this), 1, ...others);
    for (const other of others) other.parent = parent;
    this.parent = undefined;
  }
}

/** The prefix of a qualified name. */
export function prefixOf(name: string): string | undefined {
  const colon = name.indexOf(':');
  return colon < 0 ? undefined : name.slice(0, colon);
}
