/** @typedef {import('./headers.mjs').Enumeration} Enumeration */

/** Enumerations of the C library's own machinery, without a meaning on the wire. */
const NOT_ON_THE_WIRE =
  /^(Event(Handle)Type|Stream|ConnectCredential|TypedParameter|SchedParameter|BlkioParameter|MemoryParameterType|Error)/;

/** @param {Enumeration[]} enumerations @param {string} banner */
export function emitEnumerations(enumerations, banner) {
  const lines = [banner, ''];
  for (const { name, source, members } of enumerations) {
    if (NOT_ON_THE_WIRE.test(name)) continue;
    lines.push(`/** Source: libvirt API ${source}. */`, `export const ${name} = {`);
    lines.push(...members.map((member) => `  ${member.name}: ${member.value},`), '} as const;');
    lines.push(`export type ${name} = (typeof ${name})[keyof typeof ${name}];`, '');
  }
  return lines.join('\n');
}

/** The error numbers with libvirt's own names, which is how they appear in its messages and logs. @param {Enumeration[]} enumerations @param {string} banner */
export function emitErrorCodes(enumerations, banner) {
  /** @param {string} source @param {RegExp} prefix */
  const rows = (source, prefix) =>
    (enumerations.find((one) => one.source === source)?.members ?? []).map(
      (member) => `  ${member.source.replace(prefix, '')}: ${member.value},`,
    );
  return [
    banner,
    '',
    '/** Source: libvirt API virErrorNumber. */',
    'export const ErrorCode = {',
    ...rows('virErrorNumber', /^VIR_(ERR_)?/),
    '} as const;',
    'export type ErrorCodeName = keyof typeof ErrorCode;',
    '',
    '/** Source: libvirt API virErrorDomain. */',
    'export const ErrorDomain = {',
    ...rows('virErrorDomain', /^VIR_FROM_/),
    '} as const;',
    'export type ErrorDomainName = keyof typeof ErrorDomain;',
    '',
  ].join('\n');
}

/** @param {Map<string, string>} types @param {string} banner */
export function emitParameterTypes(types, banner) {
  const rows = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, type]) => `  ['${name}', '${type}'],`);
  return [
    banner,
    '',
    "export type ParameterType = 'int' | 'uint' | 'llong' | 'ullong' | 'double' | 'boolean' | 'string';",
    '',
    '/** The type on which the daemon insists, by the name of the parameter. */',
    'export const PARAMETER_TYPES: ReadonlyMap<string, ParameterType> = /* @__PURE__ */ new Map([',
    ...rows,
    ']);',
    '',
  ].join('\n');
}
