import { SaxesParser } from 'saxes';
import { Element } from './xml-element.js';

/**
 * Reads a document into elements. What means nothing to libvirt (comments, instructions, a document type) is left out,
 * and nothing is ever expanded.
 *
 * @throws Error for text that is no well-formed document.
 */
export function readXml(text: string): Element {
  // Where in the text an error is helps nobody who cannot see it, and costs time to know.
  const parser = new SaxesParser({ position: false, xmlns: false });
  let root: Element | undefined;
  let current: Element | undefined;
  const addText = (content: string): void => current?.append(content);
  parser.on('opentag', ({ name, attributes }) => {
    const element = new Element(name, attributes);
    current?.append(element);
    root ??= element;
    current = element;
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => (current = current?.parent));
  parser.write(text).close();
  if (!root) throw new Error('The document has no element.');
  return root;
}
