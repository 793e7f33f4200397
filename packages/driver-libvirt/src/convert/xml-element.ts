import { indexOf, readAttributes, type Attributes } from './xml-attributes.js';

const NOTHING: readonly never[] = [];

/**
 * An element of a document, with nothing around it that a DOM has: a listing reads thousands of documents, and of each
 * only a few values.
 */
export class Element {
  parent: Element | undefined;
  /** The name without its prefix. */
  readonly localName: string;
  private inner: (Element | string)[] | undefined;
  private known: Attributes | undefined;

  /** `name` is written as in the document: with a prefix, where it has one. `raw` is what follows it in the tag. */
  constructor(
    readonly name: string,
    private readonly raw = '',
  ) {
    const colon = name.indexOf(':');
    this.localName = colon < 0 ? name : name.slice(colon + 1);
  }

  /** Elements and the text between them, in order. */
  get content(): readonly (Element | string)[] {
    return this.inner ?? NOTHING;
  }

  /** Names, written as in the document, and values. */
  *attributes(): Generator<readonly [name: string, value: string]> {
    const known = this.pairs();
    for (let at = 0; at < known.length; at += 2) yield [known[at] ?? '', known[at + 1] ?? ''];
  }

  /** The namespace by the nearest declaration; undefined for none. */
  get namespaceURI(): string | undefined {
    const prefix = prefixOf(this.name);
    return this.declared(prefix === undefined ? 'xmlns' : `xmlns:${prefix}`);
  }

  /** All text in it. */
  get textContent(): string {
    const [only] = this.content;
    if (this.content.length === 1 && typeof only === 'string') return only;
    return this.content.map((item) => (typeof item === 'string' ? item : item.textContent)).join('');
  }

  getAttribute(name: string): string | undefined {
    const known = this.pairs();
    const at = indexOf(known, name);
    return at < 0 ? undefined : known[at + 1];
  }

  setAttribute(name: string, value: string): void {
    const known = this.pairs();
    const at = indexOf(known, name);
    if (at < 0) known.push(name, value);
    else known[at + 1] = value;
  }

  append(item: Element | string): void {
    if (typeof item !== 'string') item.parent = this;
    // An array that begins with its first item takes no room for others, and most elements have one.
    if (this.inner) this.inner.push(item);
    else this.inner = [item];
  }

  /** Puts other elements in its place; without any it is only taken out. */
  replaceWith(...others: readonly Element[]): void {
    const { parent } = this;
    if (!parent?.inner) return;
    parent.inner.splice(parent.inner.indexOf(this), 1, ...others);
    for (const other of others) other.parent = parent;
    this.parent = undefined;
  }

  /** Read when somebody asks: most are never asked for. */
  private pairs(): Attributes {
    return (this.known ??= readAttributes(this.raw));
  }

  private declared(declaration: string): string | undefined {
    const uri = this.getAttribute(declaration);
    return uri === undefined ? this.parent?.declared(declaration) : uri || undefined;
  }
}

/** The prefix of a qualified name. */
export function prefixOf(name: string): string | undefined {
  const colon = name.indexOf(':');
  return colon < 0 ? undefined : name.slice(0, colon);
}
