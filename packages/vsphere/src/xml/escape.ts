import { invalidArgument } from '../errors/vsphere-error.js';

const SPECIAL = /[&<>"\r]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser turns a literal carriage return into a line feed.
  '\r': '&#13;',
};
/** What XML 1.0 cannot carry, not even as a reference: control characters, lone surrogates, the two non-characters. */
const FORBIDDEN =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Most names and identifiers: nothing to look for. */
const PLAIN = /^[\w .:/[\]()-]*$/;

/** Text for an element or an attribute. `path` names the argument in the error for what XML cannot carry. */
export function escapeXml(text: string, path: string): string {
  if (PLAIN.test(text)) return text;
  if (FORBIDDEN.test(text)) throw invalidArgument(`${path} has a character that XML cannot carry.`);
  return text.replace(SPECIAL, (character) => ENTITIES[character] ?? character);
}
