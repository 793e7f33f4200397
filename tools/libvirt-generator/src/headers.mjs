import { pascal, typeWords } from './words.mjs';

/** @typedef {{ name: string, source: string, members: { name: string, source: string, value: number }[] }} Enumeration */

/**
 * The enumerations of the public headers, as numbers.
 * @param {string[]} texts
 * @returns {Enumeration[]}
 */
export function parseEnumerations(texts) {
  /** @type {Map<string, number>} */
  const known = new Map();
  /** @type {Enumeration[]} */
  const found = [];
  for (const text of texts) {
    const bare = text
      .replace(/\/\*.*?\*\//gs, ' ')
      .replace(/#\s*ifdef VIR_ENUM_SENTINELS.*?#\s*endif/gs, ' ')
      .replace(/^\s*#.*$/gm, ' ');
    for (const [, body = '', source = ''] of bare.matchAll(/typedef enum \{(.*?)\}\s*(\w+);/gs)) {
      found.push(parseEnumeration(source, body, known));
    }
  }
  return found;
}

/** @param {string} source @param {string} body @param {Map<string, number>} known @returns {Enumeration} */
function parseEnumeration(source, body, known) {
  let next = 0;
  const members = body
    .split(',')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [member = '', expression] = line.split('=').map((part) => part.trim());
      const value = expression === undefined ? next : evaluate(expression, known);
      next = value + 1;
      known.set(member, value);
      return { source: member, value };
    });
  const words = typeWords(source);
  const skip =
    members.length > 1
      ? sharedWords(members.map((member) => member.source))
      : ownWords(members[0]?.source ?? '', words);
  return {
    name: words.join(''),
    source,
    members: members.map((member) => ({ ...member, name: memberName(member.source, skip) })),
  };
}

/** Numbers, shifts and unions of members: all that the headers use. @param {string} expression @param {Map<string, number>} known @returns {number} */
function evaluate(expression, known) {
  const plain = expression.replace(/[()]/g, ' ').trim();
  if (plain.includes('|')) return plain.split('|').reduce((sum, part) => (sum | evaluate(part, known)) >>> 0, 0);
  const shift = /^(\d+)U?\s*<<\s*(\d+)$/.exec(plain);
  if (shift) return (Number(shift[1]) << Number(shift[2])) >>> 0;
  const value = known.get(plain) ?? Number(plain);
  if (Number.isNaN(value))
    throw new Error(`The enumeration value ${expression} is not in the form that this generator knows.`);
  return value;
}

/** How many leading words all members have in common. @param {string[]} names */
function sharedWords(names) {
  const split = names.map((name) => name.split('_'));
  const shortest = Math.min(...split.map((words) => words.length)) - 1;
  let count = 0;
  while (count < shortest && split.every((words) => words[count] === split[0]?.[count])) count++;
  return count;
}

/** For a single member: how many leading words its type's name also has. @param {string} name @param {string[]} words */
function ownWords(name, words) {
  const split = name.split('_').slice(1);
  const rest = words.map((word) => word.toUpperCase());
  let count = 0;
  while (count < split.length - 1 && rest.includes(split[count] ?? '')) count++;
  return count + 1;
}

/** @param {string} source @param {number} skip */
function memberName(source, skip) {
  const name = pascal(source.split('_').slice(skip).join('_'));
  return /^[0-9]/.test(name) ? `Number${name}` : name;
}

/**
 * Field names of typed parameters and the type the daemon insists on, from the checks in libvirt's own sources.
 * @param {string[]} headers
 * @param {string[]} sources
 * @returns {Map<string, string>}
 */
export function parseParameterTypes(headers, sources) {
  const names = new Map(
    headers.flatMap((text) =>
      [...text.matchAll(/^#\s*define (VIR_\w+)\s+"([^"]+)"/gm)].map(
        ([, macro = '', name = '']) => /** @type {const} */ ([macro, name]),
      ),
    ),
  );
  /** @type {Map<string, string>} */
  const types = new Map();
  for (const text of sources) {
    for (const [, macro = '', type = ''] of text.matchAll(
      /(VIR_\w+),\s*VIR_TYPED_PARAM_(INT|UINT|LLONG|ULLONG|DOUBLE|BOOLEAN|STRING)\b/g,
    )) {
      const name = names.get(macro);
      if (name === undefined) continue;
      const before = types.get(name);
      if (before !== undefined && before !== type.toLowerCase())
        throw new Error(`The parameter ${name} is checked as ${before} and as ${type}.`);
      types.set(name, type.toLowerCase());
    }
  }
  return types;
}
