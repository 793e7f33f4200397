import { mapField, propertyName, structName } from './type-mapping.mjs';
import { variable } from './words.mjs';

/** @typedef {import('./protocol.mjs').Field} Field */
/** @typedef {import('./type-mapping.mjs').Mapping} Mapping */
/** @typedef {{ name: string, mapping: Mapping, constant?: number, optional: boolean, fallback: string | undefined }} Argument */
/** @typedef {{ type: string, read: string | undefined, mappings: Mapping[], struct: boolean }} Result */

/** Unless these calls announce that the client knows string parameters (VIR_TYPED_PARAM_STRING_OKAY), the daemon leaves those out. */
const STRING_OKAY = 4;
const ANNOUNCES_STRINGS = new Set([
  'domain_get_memory_parameters',
  'domain_get_numa_parameters',
  'domain_get_blkio_parameters',
  'domain_get_scheduler_parameters_flags',
  'domain_block_stats_flags',
  'domain_get_interface_parameters',
  'domain_get_block_io_tune',
  'domain_get_cpu_stats',
  'domain_get_launch_security_info',
  'node_get_memory_parameters',
  'node_get_sev_info',
]);

const COUNTS = new Set(['ret', 'num', 'nparams']);
/** Arguments that only size the C caller's buffers: the protocol's own maximum serves every caller. */
const CAPACITIES = /^(nparams|max(names|ids|Stats|errors|uuids))$/;

/** Here the count must be the exact one, which a call with 0 tells. */
const EXACT_COUNTS = new Set(['domain_get_cpu_stats', 'node_get_cpu_stats', 'node_get_memory_stats']);

/**
 * The arguments of a call in the order of the wire, which is libvirt's own. Flags and absent values at the end are optional.
 * @param {string} procedure
 * @param {Field[]} fields
 * @param {Field[]} results
 * @returns {Argument[]}
 */
export function shapeArguments(procedure, fields, results) {
  const capacity = results.find((field) => field.kind === 'variable' && field.type !== 'opaque')?.max;
  const shaped = fields.map((field) => {
    const constant = fixedValue(procedure, field, capacity);
    const mapping =
      field.name === 'flags' && ANNOUNCES_STRINGS.has(procedure) ? announcing(mapField(field)) : mapField(field);
    return {
      name: variable(field.name),
      mapping: mapping.typedParameters ? { ...mapping, type: 'TypedParameters' } : mapping,
      ...(constant === undefined ? {} : { constant }),
      optional: false,
      fallback: undefined,
    };
  });
  return markOptional(shaped);
}

/** @param {Mapping} mapping @returns {Mapping} */
function announcing(mapping) {
  return { ...mapping, write: (value) => mapping.write(`${value} | ${STRING_OKAY}`) };
}

/** @param {string} procedure @param {Field} field @param {number | undefined} capacity */
function fixedValue(procedure, field, capacity) {
  if (field.name === 'need_results') return 1;
  if (EXACT_COUNTS.has(procedure)) return undefined;
  return capacity !== undefined && CAPACITIES.test(field.name) ? capacity : undefined;
}

/** @param {Argument[]} args @returns {Argument[]} */
function markOptional(args) {
  const last = args.findLastIndex(
    (argument) => argument.constant === undefined && !isFlags(argument) && !isNullable(argument),
  );
  return args.map((argument, index) => {
    if (index <= last || argument.constant !== undefined) return argument;
    const zero = argument.mapping.type === 'bigint' ? '0n' : '0';
    return { ...argument, optional: true, fallback: isFlags(argument) ? zero : undefined };
  });
}

/** @param {Argument} argument */
function isFlags(argument) {
  return argument.name === 'flags';
}

/** @param {Argument} argument */
function isNullable(argument) {
  return argument.mapping.type.endsWith('| undefined');
}

/**
 * What the caller gets: nothing, the only field, or an object of all fields. Counts that repeat a list's length are left out.
 * @param {string} wire name of the result's struct
 * @param {Field[]} fields
 * @returns {Result}
 */
export function shapeResult(wire, fields) {
  if (wire === 'remote_domain_get_cpu_stats_ret') return perProcessor(fields);
  if (fields.length === 0) return { type: 'void', read: undefined, mappings: [], struct: false };
  const lists = fields.filter((field) => field.kind === 'variable' && field.type !== 'opaque' && field.type !== 'char');
  const exact = EXACT_COUNTS.has(wire.replace(/^remote_(.*)_ret$/, '$1'));
  const told = lists.length === 1 && !exact ? fields.filter((field) => !COUNTS.has(field.name)) : fields;
  const [only] = told;
  if (told.length === 1 && only) {
    const mapping = mapField(only);
    return { type: mapping.type, read: `(reader) => ${mapping.read}`, mappings: [mapping], struct: false };
  }
  return { type: structName(wire), read: `read${structName(wire)}`, mappings: told.map(mapField), struct: true };
}

/** The same names come once for each processor: no record. @param {Field[]} fields @returns {Result} */
function perProcessor(fields) {
  const params = fields.find((field) => field.name === 'params');
  const read = `readParameterList(reader, ${params?.max})`;
  return {
    type: 'CpuStats',
    read: `(reader) => ({ params: ${read}, nparams: reader.readInt32() })`,
    mappings: [],
    struct: false,
  };
}

export { propertyName };
