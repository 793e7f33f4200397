import { protocolViolation } from '../errors/vsphere-error.js';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&([^;&]{0,12});?/g;

/** Replaces the five entities of XML and character references. There are no others: nothing is ever expanded. */
export function unescapeXml(text: string): string {
  return text.includes('&') ? text.replace(REFERENCE, replace) : text;
}

function replace(match: string, name: string): string {
  if (!match.endsWith(';')) throw protocolViolation(`The answer has an entity without an end: ${match}`);
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named !== undefined) return named;
  const code = /^#x[0-9a-f]+$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#\d+$/.test(name)
      ? Number(name.slice(1))
      : Number.NaN;
  if (!(code >= 0 && code <= 0x10ffff)) throw protocolViolation(`The answer has the unknown entity ${match}`);
  return String.fromCodePoint(code);
}
