import { parseXml, children, type Element } from './xml.js';

/**
 * The disks in a domain's document, without reading the rest of it: listing who uses what reads every machine's
 * document, of which disks are a tenth. libvirt writes documents itself, in one way; metadata, where others may have put
 * elements of the same names, comes before the devices.
 */
export function diskElementsIn(document: string): Element[] {
  const devices = document.lastIndexOf('<devices>');
  const from = document.indexOf('<disk ', devices);
  const to = document.lastIndexOf('</disk>');
  if (devices < 0 || from < 0 || to < from) return [];
  return children(parseXml(`<devices>${document.slice(from, to)}</disk></devices>`), 'disk');
}
