import { namespaces, type Element } from './element.js';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

/** A document; the prefixes that SOAP toolkits expect are declared at its root. */
export function writeXml(root: Element): string {
  const { envelope, schema, instance } = namespaces;
  const declared = ` xmlns:soapenv="${envelope}" xmlns:xsd="${schema}" xmlns:xsi="${instance}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, '', declared)}`;
}

/** `inherited` is the default namespace around the element. */
function write(element: Element, inherited: string, declarations = ''): string {
  const prefixed = element.namespace === namespaces.envelope;
  const name = prefixed ? `soapenv:${element.name}` : element.name;
  const standard = prefixed ? inherited : element.namespace;
  const own = standard === inherited ? '' : ` xmlns="${escaped(standard)}"`;
  const reference = element.type === undefined ? '' : ` type="${escaped(element.type)}"`;
  const inner = element.children.map((each) => write(each, standard)).join('') + escaped(element.text);
  return `<${name}${declarations}${own}${typeAttribute(element, standard)}${reference}>${inner}</${name}>`;
}

function typeAttribute({ dataType }: Element, standard: string): string {
  if (!dataType) return '';
  const { namespace, name } = dataType;
  if (namespace === namespaces.schema) return ` xsi:type="xsd:${escaped(name)}"`;
  if (namespace === standard) return ` xsi:type="${escaped(name)}"`;
  return ` xmlns:of="${escaped(namespace)}" xsi:type="of:${escaped(name)}"`;
}
