import { prefixOf, type Element } from './xml-element.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // What a reader would turn into something else, were it not a reference.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escape = (text: string, special: RegExp): string => text.replace(special, (found) => ESCAPES[found] ?? found);
const attributeText = (text: string): string => escape(text, /[&<>"\t\n\r]/g);
const contentText = (text: string): string => escape(text, /[&<>\r]/g);

/** XML text of an element, which stands alone: prefixes that were declared around it are declared in it. */
export function writeXml(element: Element): string {
  return write(element, inherited(element));
}

function write(element: Element, declarations: readonly (readonly [string, string])[] = []): string {
  const attributes = [...element.attributes(), ...declarations]
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('');
  const content = element.content.map((item) => (typeof item === 'string' ? contentText(item) : write(item))).join('');
  return content === ''
    ? `<${element.name}${attributes}/>`
    : `<${element.name}${attributes}>${content}</${element.name}>`;
}

/** Declarations from around an element, of the prefixes that are used in it. */
function inherited(element: Element): readonly (readonly [string, string])[] {
  const used = prefixesIn(element);
  const found = new Map<string, string>();
  for (let at = element.parent; at; at = at.parent) {
    for (const [name, uri] of at.attributes()) {
      const wanted = name === 'xmlns' || (name.startsWith('xmlns:') && used.has(name.slice(6)));
      if (wanted && !found.has(name) && element.getAttribute(name) === undefined) found.set(name, uri);
    }
  }
  return [...found];
}

function prefixesIn(element: Element): Set<string> {
  const names = [element.name, ...[...element.attributes()].map(([name]) => name)];
  const own = names.flatMap((name) => prefixOf(name) ?? []);
  const inner = element.content.flatMap((item) => (typeof item === 'string' ? [] : [...prefixesIn(item)]));
  return new Set([...own, ...inner]);
}
