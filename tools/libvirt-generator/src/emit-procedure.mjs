import { isLong } from './objects.mjs';
import { throwsLine } from './throws.mjs';
import { camel } from './words.mjs';

/** @typedef {import('./protocol.mjs').Procedure} Procedure */
/** @typedef {import('./procedure-shape.mjs').Argument} Argument */
/** @typedef {import('./procedure-shape.mjs').Result} Result */

/** Which way a stream's data flows, seen from the caller. @type {Record<string, { factory: string, type: string }>} */
const STREAMS = {
  domain_open_console: { factory: 'openDuplex', type: 'Duplex' },
  domain_open_channel: { factory: 'openDuplex', type: 'Duplex' },
};

/** @param {Procedure} procedure */
export function streamOf(procedure) {
  if (STREAMS[procedure.name]) return STREAMS[procedure.name];
  // Those that libvirt writes by hand have no note.
  if (procedure.notes['writestream'] || procedure.name.startsWith('domain_migrate_prepare_tunnel'))
    return { factory: 'openWritable', type: 'Writable' };
  if (procedure.notes['readstream']) return { factory: 'openReadable', type: 'Readable' };
  return undefined;
}

/** libvirt's public name, for the reference. @param {Procedure} procedure @param {string} prefix */
export function publicName(procedure, prefix) {
  const upper = {
    xml: 'XML',
    uuid: 'UUID',
    id: 'ID',
    cpu: 'CPU',
    uri: 'URI',
    os: 'OS',
    nmi: 'NMI',
    io: 'IO',
    sev: 'SEV',
    dhcp: 'DHCP',
    mac: 'MAC',
    wwn: 'WWN',
    pm: 'PM',
    vol: 'Vol',
  };
  const words = procedure.name
    .split('_')
    .map((word) => /** @type {Record<string, string>} */ (upper)[word] ?? word.charAt(0).toUpperCase() + word.slice(1));
  const name = words.join('').replace(/^Nwfilter/, 'NWFilter');
  return prefix === 'qemu' ? `virDomainQemu${name.replace(/^Domain/, '')}` : `vir${name}`;
}

/**
 * @param {Procedure} procedure
 * @param {string} prefix
 * @param {Argument[]} args
 * @param {Result} result
 * @param {string | undefined} about
 */
export function emitProcedure(procedure, prefix, args, result, about) {
  const name = functionName(procedure, prefix);
  const stream = streamOf(procedure);
  const type = !stream
    ? result.type
    : result.type === 'void'
      ? stream.type
      : `StreamResult<${stream.type}, ${result.type}>`;
  const parameters = args.filter((argument) => argument.constant === undefined).map(parameter);
  const signature = ['connection: Connection', ...parameters, 'options?: CallOptions'].join(', ');
  const request = requestLines(procedure, prefix, args, result);
  const source = `Source: libvirt API ${publicName(procedure, prefix)}.`;
  const call = stream ? `${stream.factory}${result.type === 'void' ? '' : 'With'}(connection, {` : 'connection.call({';
  return [
    about === undefined
      ? `/** ${source} */`
      : `/**\n * ${about}\n *\n * ${throwsLine(procedure, args, result.type)}\n * ${source}\n */`,
    `export function ${name}(${signature}): Promise<${type}> {`,
    `  return ${call}`,
    ...request.map((line) => `    ${line}`),
    '  }, options);',
    '}',
    '',
  ];
}

/** @param {Procedure} procedure @param {string} prefix */
export function functionName(procedure, prefix) {
  return prefix === 'qemu' ? camel(`qemu_${procedure.name}`) : camel(procedure.name);
}

/** @param {Argument} argument */
function parameter(argument) {
  const type = argument.mapping.type;
  if (argument.fallback !== undefined) return `${argument.name} = ${argument.fallback}`;
  return argument.optional ? `${argument.name}?: ${type}` : `${argument.name}: ${type}`;
}

/** @param {Procedure} procedure @param {string} prefix @param {Argument[]} args @param {Result} result */
function requestLines(procedure, prefix, args, result) {
  const writes = args.map((argument) => `  ${argument.mapping.write(String(argument.constant ?? argument.name))};`);
  return [
    `program: ${prefix.toUpperCase()},`,
    `procedure: ${procedure.number},`,
    ...(writes.length === 0 ? ['write: writeNothing,'] : ['write: (writer) => {', ...writes, '},']),
    `read: ${result.read ?? 'readNothing'},`,
    ...(isLong(procedure.name) ? ['long: true,'] : []),
    // VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM: the daemon then takes holes.
    ...(procedure.name === 'storage_vol_upload' ? ['sparse: (flags & 1) !== 0,'] : []),
  ];
}
