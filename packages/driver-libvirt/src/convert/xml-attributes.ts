import { meaning } from './xml-text.js';

/** Names and values in turn: elements have few attributes, and a listing reads those of thousands. */
export type Attributes = string[];

/**
 * Reads the attributes of a tag, whose form the reader has checked.
 *
 * @throws Error for two of one name, and for a reference that XML does not know.
 */
export function readAttributes(raw: string): Attributes {
  const found: Attributes = [];
  for (let at = 0, equals = raw.indexOf('='); equals >= 0; equals = raw.indexOf('=', at)) {
    const name = raw.slice(at, equals).trim();
    if (indexOf(found, name) >= 0) throw new Error(`The document has an element with two attributes ${name}.`);
    const from = opened(raw, equals + 1);
    const to = raw.indexOf(raw.charAt(from), from + 1);
    // Space of any kind is a blank in an attribute, unless it is written as a reference.
    found.push(name, meaning(raw.slice(from + 1, to).replace(/[\t\n]/g, ' ')));
    at = to + 1;
  }
  return found;
}

/** Where the name is among the attributes; -1 where it is not. */
export function indexOf(attributes: Attributes, name: string): number {
  for (let at = 0; at < attributes.length; at += 2) if (attributes[at] === name) return at;
  return -1;
}

/** Where the quotation mark is. */
function opened(raw: string, at: number): number {
  let quote = at;
  while (raw.charCodeAt(quote) <= 32) quote += 1;
  return quote;
}
