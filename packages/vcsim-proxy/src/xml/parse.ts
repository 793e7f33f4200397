import { SaxesParser, type SaxesTagNS } from 'saxes';
import { namespaces, type Element, type QualifiedName } from './element.js';

interface Open {
  readonly name: string;
  readonly namespace: string;
  readonly dataType: QualifiedName | undefined;
  readonly type: string | undefined;
  readonly children: Element[];
  text: string;
}

/**
 * Reads a whole document.
 * @throws Error when it is no well-formed XML.
 */
export function parseXml(text: string): Element {
  const parser = new SaxesParser({ xmlns: true });
  const open: Open[] = [];
  let root: Element | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => open.push(opened(parser, tag)));
  const append = (part: string): void => {
    const current = open.at(-1);
    if (current) current.text += part;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const finished = open.pop();
    if (!finished) return;
    // Space between elements means nothing.
    const done: Element = finished.children.length > 0 ? { ...finished, text: '' } : finished;
    const parent = open.at(-1);
    if (parent) parent.children.push(done);
    else root = done;
  });
  parser.write(text).close();
  if (!root) throw new Error('There is no XML element.');
  return root;
}

function opened(parser: SaxesParser<{ xmlns: true }>, tag: SaxesTagNS): Open {
  const attributes = Object.values(tag.attributes);
  const own = attributes.find(({ local, uri }) => local === 'type' && uri === namespaces.instance);
  return {
    name: tag.local,
    namespace: tag.uri,
    dataType: own && qualified(parser, own.value),
    type: attributes.find(({ local, uri }) => local === 'type' && uri === '')?.value,
    children: [],
    text: '',
  };
}

function qualified(parser: SaxesParser<{ xmlns: true }>, value: string): QualifiedName {
  const [first = '', second] = value.trim().split(':');
  const prefix = second === undefined ? '' : first;
  // QUIRK(govmomi): types such as xsd:string, whose prefix is declared nowhere.
  const undeclared = prefix === 'xsd' ? namespaces.schema : '';
  return { namespace: parser.resolve(prefix) ?? undeclared, name: second ?? first };
}
