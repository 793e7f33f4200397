import { Element } from './xml-element.js';
import { meaning } from './xml-text.js';

/** What XML 1.0 cannot hold. https://www.w3.org/TR/xml/#charsets */
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const NAME = /[^\s/>=<&"']+/y;
const ATTRIBUTES = /(?:\s+[^\s/>=<&"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*/y;
const TAG_END = /\s*\/?>/y;
const CLOSING_END = /\s*>/y;
const SPACE = 32;
const BANG = 33;
const SLASH = 47;
const QUESTION = 63;
/** Documents go as deep as their backing chains, two elements a link. */
const DEPTH = 1024;

/**
 * Reads a document into elements. What means nothing to libvirt is left out: comments, instructions, the space between
 * elements. There are no document types, and nothing is ever expanded.
 *
 * A parser for all of XML was most of the time and memory of a listing; this one is held to its results in tests.
 *
 * @throws Error for text that is no document of this kind.
 */
export function readXml(text: string): Element {
  if (UNFIT.test(text)) throw malformed('a character that XML cannot hold', text.search(UNFIT));
  return new Reading(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text).document();
}

const malformed = (what: string, at: number): Error => new Error(`The document has ${what} at ${at}.`);

class Reading {
  private at = 0;
  private depth = 0;
  private root: Element | undefined;
  private current: Element | undefined;

  constructor(private readonly text: string) {}

  document(): Element {
    for (let next = this.text.indexOf('<'); next >= 0; next = this.text.indexOf('<', this.at)) {
      this.characters(next);
      this.markup(next);
    }
    this.characters(this.text.length);
    if (!this.root || this.current) throw malformed('no end', this.text.length);
    return this.root;
  }

  /** Text up to the next tag. */
  private characters(end: number): void {
    const { text, current } = this;
    if (this.at === end || this.isLayout(end)) return;
    if (!current) throw malformed('text outside of its element', this.at);
    current.append(meaning(text.slice(this.at, end)));
  }

  /** Space is text only where it is all that an element has, or where it continues other text. */
  private isLayout(end: number): boolean {
    const { text, current } = this;
    for (let at = this.at; at < end; at++) if (text.charCodeAt(at) > SPACE) return false;
    if (!current) return true;
    const next = text.charCodeAt(end + 1);
    if (next === BANG || next === QUESTION || typeof current.content.at(-1) === 'string') return false;
    return next !== SLASH || current.content.length > 0;
  }

  private markup(at: number): void {
    const { text } = this;
    if (text.charCodeAt(at + 1) === SLASH) this.closing(at + 2);
    else if (text.startsWith('<!--', at)) this.at = this.after('-->', at + 4);
    else if (text.startsWith('<?', at)) this.at = this.after('?>', at + 2);
    else if (text.startsWith('<![CDATA[', at)) this.literal(at + 9);
    else this.opening(at + 1);
  }

  private opening(at: number): void {
    const nameEnd = this.end(NAME, at);
    const attributesEnd = this.end(ATTRIBUTES, nameEnd);
    const end = this.end(TAG_END, attributesEnd);
    const element = new Element(this.text.slice(at, nameEnd), this.text.slice(nameEnd, attributesEnd));
    if (this.current) this.current.append(element);
    else if (this.root) throw malformed('a second element', at);
    else this.root = element;
    if (this.text.charCodeAt(end - 2) !== SLASH) {
      this.current = element;
      this.depth += 1;
      if (this.depth > DEPTH) throw malformed(`more than ${DEPTH} levels`, at);
    }
    this.at = end;
  }

  private closing(at: number): void {
    const { current } = this;
    if (!current || !this.text.startsWith(current.name, at)) throw malformed('a tag that closes nothing', at);
    this.at = this.end(CLOSING_END, at + current.name.length);
    this.current = current.parent;
    this.depth -= 1;
  }

  private literal(at: number): void {
    if (!this.current) throw malformed('text outside of its element', at);
    this.at = this.after(']]>', at);
    this.current.append(this.text.slice(at, this.at - 3));
  }

  private after(mark: string, at: number): number {
    const found = this.text.indexOf(mark, at);
    if (found < 0) throw malformed('markup without an end', at);
    return found + mark.length;
  }

  /** Where what must be here ends. */
  private end(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    if (!pattern.test(this.text)) throw malformed('a tag that is none', at);
    return pattern.lastIndex;
  }
}
