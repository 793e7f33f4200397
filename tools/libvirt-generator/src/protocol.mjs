/**
 * @typedef {{ name: string, type: string, kind: 'plain' | 'variable' | 'fixed' | 'pointer', max: number }} Field
 * @typedef {{ name: string, number: number, notes: Record<string, string> }} Procedure
 * @typedef {{ program: number, prefix: string, structs: Map<string, Field[]>, procedures: Procedure[], constants: Map<string, number> }} Protocol
 */

/** Sizes that the definition takes from C headers. @type {[string, number][]} */
const HEADER_SIZES = [
  ['VIR_UUID_BUFLEN', 16],
  ['VIR_SECURITY_MODEL_BUFLEN', 257],
  ['VIR_SECURITY_LABEL_BUFLEN', 4097],
  ['VIR_SECURITY_DOI_BUFLEN', 257],
];

/**
 * Reads one of libvirt's protocol definitions, as far as these use the XDR language.
 * @param {string} text
 * @param {string} prefix `remote` or `qemu`
 * @param {Map<string, number>} inherited constants of a definition that this one builds on
 * @returns {Protocol}
 */
export function parseProtocol(text, prefix, inherited = new Map(HEADER_SIZES)) {
  const constants = new Map(inherited);
  const bare = text.replace(/\/\*.*?\*\//gs, ' ');
  for (const [, name = '', value = ''] of bare.matchAll(/^const (\w+)\s*=\s*(\w+);/gm)) {
    constants.set(name, constants.get(value) ?? Number(value));
  }
  /** @type {Map<string, Field[]>} */
  const structs = new Map();
  for (const [, name = '', body = ''] of bare.matchAll(/struct (\w+)\s*\{(.*?)\}/gs)) {
    structs.set(
      name,
      body
        .split(';')
        .map((line) => line.trim())
        .filter(Boolean)
        .map((line) => parseField(line, constants)),
    );
  }
  const program = constants.get(`${prefix.toUpperCase()}_PROGRAM`);
  if (program === undefined) throw new Error(`The ${prefix} protocol definition names no program number.`);
  return { program, prefix, structs, procedures: parseProcedures(text, prefix), constants };
}

/** @param {string} line @param {Map<string, number>} constants @returns {Field} */
function parseField(line, constants) {
  const match = /^(.*?)\s+(\*?)(\w+)\s*(?:([<[])(\w*)[>\]])?$/.exec(line.replace(/\s+/g, ' '));
  if (!match) throw new Error(`The field "${line}" is not in the form that this generator knows.`);
  const [, type = '', star, name = '', bracket, bound = ''] = match;
  const kind = star ? 'pointer' : bracket === '<' ? 'variable' : bracket === '[' ? 'fixed' : 'plain';
  const max = constants.get(bound) ?? Number(bound);
  if (Number.isNaN(max)) throw new Error(`The bound ${bound} of the field ${name} is not a known constant.`);
  return { name, type, kind, max };
}

/** @param {string} text @param {string} prefix @returns {Procedure[]} */
function parseProcedures(text, prefix) {
  const upper = prefix.toUpperCase();
  const pattern = new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\s*${upper}_PROC_(\\w+) = (\\d+)`, 'gs');
  return [...text.matchAll(pattern)].map(([, comment = '', name = '', number]) => ({
    name: name.toLowerCase(),
    number: Number(number),
    notes: Object.fromEntries([...comment.matchAll(/@(\w+): (\S+)/g)].map(([, key, value]) => [key, value])),
  }));
}
