import { mapField, propertyName, structName } from './type-mapping.mjs';

/** @typedef {import('./protocol.mjs').Field} Field */

/** One line each: what a caller wants to know about the objects that calls take and return. @type {Record<string, string>} */
const ABOUT = {
  Domain: 'A virtual machine as libvirt names it. `id` is -1 while it is not running; calls identify it by `uuid`.',
  Network: 'A virtual network.',
  NetworkPort: 'A port of a virtual network.',
  NwFilter: 'A network filter.',
  NwFilterBinding: 'A network filter in force on a host device.',
  Interface: 'A physical host interface.',
  StoragePool: 'A storage pool.',
  StorageVolume:
    'A storage volume; `pool` is the name of its pool, `key` is unique on the host (a path for file pools).',
  NodeDevice: 'A device of the host.',
  Secret: 'A secret kept by the daemon; the value is not part of it.',
  DomainCheckpoint: 'A checkpoint of a domain.',
  DomainSnapshot: 'A snapshot of a domain.',
};

/**
 * A TypeScript interface with its reader and, for what calls take, its writer.
 * @param {string} wire
 * @param {Field[]} fields
 * @param {boolean} written
 */
export function emitStruct(wire, fields, written) {
  const name = structName(wire);
  const taken = new Set(fields.map((field) => field.name));
  // A field keeps its short name where the long one is another field's.
  const mapped = fields.map((field) => {
    const long = propertyName(field.name);
    return { name: long !== field.name && taken.has(long) ? field.name : long, ...mapField(field) };
  });
  const about = ABOUT[name];
  const lines = [
    ...(about === undefined ? [] : [`/** ${about} */`]),
    `export interface ${name} {`,
    ...mapped.map((field) => `  readonly ${field.name}: ${field.type};`),
    '}',
    '',
    `export function read${name}(reader: XdrReader): ${name} {`,
    '  return {',
    ...mapped.map((field) => `    ${field.name}: ${field.read},`),
    '  };',
    '}',
    '',
  ];
  if (!written) return lines;
  return [
    ...lines,
    `export function write${name}(writer: XdrWriter, value: ${name}): void {`,
    ...mapped.map((field) => `  ${field.write(`value.${field.name}`)};`),
    '}',
    '',
  ];
}
