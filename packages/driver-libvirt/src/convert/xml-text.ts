const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const REFERENCE = /&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|lt|gt|amp|quot|apos);|&/g;
/** Shorter parts are copies in every JavaScript engine that matters. */
const KEEPS_NOTHING = 12;

/**
 * What a piece of a document says, as a text of its own: as a part of its document it would keep all of that in memory,
 * for as long as it is kept. Only the references that XML itself has are known.
 *
 * @throws Error for another reference.
 */
export function meaning(raw: string): string {
  if (raw.includes('&')) return raw.replace(REFERENCE, resolve);
  return raw.length <= KEEPS_NOTHING ? raw : Buffer.from(raw).toString();
}

function resolve(_match: string, name: string | undefined): string {
  const named = name === undefined ? undefined : NAMED[name];
  if (named !== undefined) return named;
  const code = name?.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name?.slice(1) ?? NaN);
  if (isCharacter(code)) return String.fromCodePoint(code);
  throw new Error('The document has a reference that XML does not know.');
}

/** https://www.w3.org/TR/xml/#charsets */
const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);
