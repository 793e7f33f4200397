import { protocolViolation } from '../errors/vsphere-error.js';
import { detached } from './detached.js';
import { unescapeXml } from './entities.js';

/** A start tag. One that comes again is the same object. */
export interface OpeningTag<M> {
  /** The name without its prefix. */
  readonly local: string;
  /** The raw text after the name, '' for none. */
  readonly attributes: string;
  /** What the handler found out about the tag, for when it comes again. */
  memo: M | undefined;
}

/** What a document says, in its order. */
export interface XmlHandler<M> {
  open(tag: OpeningTag<M>): void;
  /** Text may come in pieces. */
  text(value: string): void;
  close(): void;
}

const MAX_DEPTH = 256;
/** A tag, comment or reference longer than this is no answer of a vSphere server. */
const MAX_MARKUP = 1 << 20;
/** Answers repeat few tags many thousand times: what one says is found out once. */
const CACHED_TAGS = 1_024;
const LONGEST_CACHED = 256;
/** Comparing with so many that came next before is faster than looking a tag up. */
const FOLLOWERS = 6;
const LESS_THAN = 60;
const GREATER_THAN = 62;
const QUOTE = 34;
const APOSTROPHE = 39;
const SLASH = 47;
const BANG = 33;
const QUESTION = 63;

interface Tag<M> extends OpeningTag<M> {
  /** All between `<` and `>`. */
  readonly content: string;
  /** As it must be closed; undefined for one that is empty. */
  readonly closedBy: string | undefined;
  /** Tags that came next after it. */
  readonly followers: Tag<M>[];
}

/**
 * A streaming scanner for the XML that SOAP uses: elements, attributes, text, CDATA, comments; no document types.
 * Pieces may end anywhere, also inside of a tag or a reference.
 */
export class XmlScanner<M> {
  private rest = '';
  private readonly open: string[] = [];
  private readonly tags = new Map<string, Tag<M>>();
  private started = false;
  /** The tag before the next one; at first one that there is not. */
  private last: Tag<M> = tagOf('', undefined, '', '');

  constructor(private readonly handler: XmlHandler<M>) {}

  write(piece: string): void {
    const text = this.rest === '' ? piece : this.rest + piece;
    let position = 0;
    while (position < text.length) {
      const next =
        text.charCodeAt(position) === LESS_THAN ? this.markup(text, position) : this.characters(text, position);
      if (next < 0) break;
      position = next;
    }
    this.rest = position === 0 ? text : text.slice(position);
    if (this.rest.length > MAX_MARKUP) throw protocolViolation('The answer has markup of more than 1 MiB.');
  }

  /** Throws when the document is not complete. */
  end(): void {
    if (this.rest.trim() !== '' || this.open.length > 0 || !this.started)
      throw protocolViolation('The answer ends before its document does.');
  }

  /** Returns where it ends, or -1 when the rest of it has not come yet. */
  private characters(text: string, start: number): number {
    let end = text.indexOf('<', start);
    const whole = end >= 0;
    if (!whole) end = text.length;
    let value = text.slice(start, end);
    if (value.includes('&')) {
      // Up to the last reference, when that may still be growing.
      const last = value.lastIndexOf('&');
      if (!whole && !value.includes(';', last)) {
        if (last === 0) return -1;
        end = start + last;
        value = value.slice(0, last);
      }
      value = unescapeXml(value);
    }
    this.give(value);
    return end;
  }

  private give(value: string): void {
    if (this.open.length > 0) this.handler.text(value);
    else if (value.replace('\ufeff', '').trim() !== '') throw protocolViolation('The answer is not XML.');
  }

  private markup(text: string, start: number): number {
    const second = text.charCodeAt(start + 1);
    if (second === SLASH) return this.endTag(text, start);
    if (second === BANG) return this.declaration(text, start);
    if (second === QUESTION) {
      const end = text.indexOf('?>', start);
      return end < 0 ? -1 : end + 2;
    }
    return this.startTag(text, start);
  }

  private endTag(text: string, start: number): number {
    const name = this.open.pop();
    if (name !== undefined) {
      const end = start + 2 + name.length;
      if (text.charCodeAt(end) === GREATER_THAN && text.slice(start + 2, end) === name) {
        this.handler.close();
        return end + 1;
      }
    }
    return this.unusualEndTag(text, start, name);
  }

  /** One with spaces, one that is not whole yet, or one that is wrong. */
  private unusualEndTag(text: string, start: number, name: string | undefined): number {
    const end = text.indexOf('>', start);
    if (end < 0) {
      if (name !== undefined) this.open.push(name);
      return -1;
    }
    const given = text.slice(start + 2, end).trim();
    if (name === undefined || given !== name)
      throw protocolViolation(`The answer closes ${given} where ${name ?? 'nothing'} is open.`);
    this.handler.close();
    return end + 1;
  }

  private startTag(text: string, start: number): number {
    const tag = this.follower(text, start) ?? this.unusualStartTag(text, start);
    if (tag === undefined) return -1;
    this.last = tag;
    if (this.started && this.open.length === 0) throw protocolViolation('The answer has a second document.');
    this.started = true;
    if (this.open.length >= MAX_DEPTH) throw protocolViolation(`The answer is nested more than ${MAX_DEPTH} deep.`);
    this.handler.open(tag);
    if (tag.closedBy === undefined) this.handler.close();
    else this.open.push(tag.closedBy);
    return start + tag.content.length + 2;
  }

  /** The tag at `start`, if it came after the last one before. */
  private follower(text: string, start: number): Tag<M> | undefined {
    const begin = start + 1;
    for (const tag of this.last.followers) {
      const end = begin + tag.content.length;
      if (text.charCodeAt(end) === GREATER_THAN && text.slice(begin, end) === tag.content) return tag;
    }
    return undefined;
  }

  /** Undefined when the rest of it has not come yet. */
  private unusualStartTag(text: string, start: number): Tag<M> | undefined {
    // Within quotes there may be another one: what is cached was whole.
    const first = text.indexOf('>', start);
    if (first < 0) return undefined;
    const known = this.tags.get(text.slice(start + 1, first));
    const end = known ? first : endOfTag(text, start);
    if (end < 0) return undefined;
    const tag = known ?? readTag<M>(detached(text.slice(start + 1, end)));
    if (tag.content.length <= LONGEST_CACHED) this.remember(tag);
    return tag;
  }

  private remember(tag: Tag<M>): void {
    const { followers } = this.last;
    if (followers.length === FOLLOWERS) followers.pop();
    followers.unshift(tag);
    if (this.tags.has(tag.content)) return;
    if (this.tags.size >= CACHED_TAGS) this.tags.clear();
    this.tags.set(tag.content, tag);
  }

  /** Comments are skipped, CDATA is text; a document type is refused: it is how entities are made to explode. */
  private declaration(text: string, start: number): number {
    if (text.startsWith('<!--', start)) {
      const end = text.indexOf('-->', start + 4);
      return end < 0 ? -1 : end + 3;
    }
    if (text.startsWith('<![CDATA[', start)) {
      const end = text.indexOf(']]>', start + 9);
      if (end < 0) return -1;
      this.give(text.slice(start + 9, end));
      return end + 3;
    }
    if ('<![CDATA['.startsWith(text.slice(start, start + 9)) || '<!--'.startsWith(text.slice(start, start + 4)))
      return -1;
    throw protocolViolation('The answer has a document type declaration.');
  }
}

function readTag<M>(content: string): Tag<M> {
  const empty = content.endsWith('/');
  const last = empty ? content.length - 1 : content.length;
  let stop = 0;
  while (stop < last && content.charCodeAt(stop) > 32) stop++;
  const name = content.slice(0, stop);
  if (name === '' || name.includes('<')) throw protocolViolation('The answer has a tag without a name.');
  return tagOf(content, empty ? undefined : name, name.slice(name.indexOf(':') + 1), content.slice(stop, last));
}

function tagOf<M>(content: string, closedBy: string | undefined, local: string, attributes: string): Tag<M> {
  return { content, closedBy, local, attributes, memo: undefined, followers: [] };
}

/** The `>` that ends a tag: not one within quotes. -1 when it has not come yet. */
function endOfTag(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === GREATER_THAN) return position;
    if (code === QUOTE || code === APOSTROPHE) {
      position = text.indexOf(code === QUOTE ? '"' : "'", position + 1);
      if (position < 0) return -1;
    }
  }
  return -1;
}
