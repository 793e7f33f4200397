import { camel, pascal } from './words.mjs';

/** @typedef {import('./protocol.mjs').Field} Field */
/** @typedef {{ type: string, read: string, write: (value: string) => string, structs: string[], typedParameters: boolean }} Mapping */

/** Handles get the names of libvirt's objects; other structs keep theirs. */
const STRUCT_NAMES = new Map(
  Object.entries({
    remote_nonnull_nwfilter: 'NwFilter',
    remote_nonnull_nwfilter_binding: 'NwFilterBinding',
    remote_nonnull_storage_vol: 'StorageVolume',
    remote_error: 'RemoteError',
    remote_domain_fsinfo: 'DomainFilesystemInfo',
    remote_domain_ip_addr: 'DomainIpAddress',
  }),
);

/** @param {string} wire */
export function structName(wire) {
  const known = STRUCT_NAMES.get(wire);
  if (known !== undefined) return known;
  return pascal(
    wire
      .replace(/^(remote|qemu)_(nonnull_)?/, '')
      .replace(/_ret$/, '_result')
      .replace(/_msg$/, '_message'),
  );
}

/** @type {Record<string, [string, string]>} */
const SCALARS = {
  int: ['number', 'Int32'],
  remote_auth_type: ['number', 'Int32'],
  'unsigned int': ['number', 'UInt32'],
  'unsigned char': ['number', 'UInt32'],
  'unsigned short': ['number', 'UInt32'],
  hyper: ['bigint', 'Int64'],
  'unsigned hyper': ['bigint', 'UInt64'],
  double: ['number', 'Double'],
  remote_uuid: ['string', 'Uuid'],
  remote_nonnull_string: ['string', 'String'],
  remote_string: ['string | undefined', 'OptionalString'],
};

/** Handles that may be absent have a typedef of their own. @param {string} type */
function optionalStruct(type) {
  const match =
    /^remote_(domain|network|network_port|nwfilter|nwfilter_binding|storage_pool|storage_vol|node_device|secret)$/.exec(
      type,
    );
  return match ? `remote_nonnull_${match[1]}` : undefined;
}

/**
 * How one field is typed, read and written. `read` and `write` use the names `reader` and `writer`.
 * @param {Field} field
 * @returns {Mapping}
 */
export function mapField(field) {
  if (field.type === 'remote_typed_param') return typedParameters(field);
  if (field.type === 'opaque') return bytes(field);
  if (field.type === 'char') return characters(field);
  const base = mapPlain(field.type);
  if (field.kind === 'plain') return base;
  const writeItem = `(writer, item) => ${base.write('item')}`;
  return {
    ...base,
    type: base.type.includes('|') ? `readonly (${base.type})[]` : `readonly ${base.type}[]`,
    read: `reader.readArray(${field.max}, (reader) => ${base.read})`,
    write: (value) => `writer.writeArray(${value}, ${field.max}, ${writeItem})`,
  };
}

/** @param {string} type @returns {Mapping} */
function mapPlain(type) {
  const scalar = SCALARS[type];
  if (scalar) {
    const [ts, method] = scalar;
    return {
      type: ts,
      read: `reader.read${method}()`,
      write: (value) => `writer.write${method}(${value})`,
      structs: [],
      typedParameters: false,
    };
  }
  const inner = optionalStruct(type);
  if (inner === undefined) {
    const name = structName(type);
    return {
      type: name,
      read: `read${name}(reader)`,
      write: (value) => `write${name}(writer, ${value})`,
      structs: [type],
      typedParameters: false,
    };
  }
  const name = structName(inner);
  return {
    type: `${name} | undefined`,
    read: `reader.readOptional(read${name})`,
    write: (value) => `writer.writeOptional(${value}, write${name})`,
    structs: [inner],
    typedParameters: false,
  };
}

/** @param {Field} field @returns {Mapping} */
function typedParameters(field) {
  return {
    type: 'ParameterRecord',
    read: `readTypedParameters(reader, ${field.max})`,
    write: (value) => `writeTypedParameters(writer, ${value}, ${field.max})`,
    structs: [],
    typedParameters: true,
  };
}

/** @param {Field} field @returns {Mapping} */
function bytes(field) {
  return {
    type: 'Uint8Array',
    read: `reader.readOpaque(${field.max})`,
    write: (value) => `writer.writeOpaque(${value}, ${field.max})`,
    structs: [],
    typedParameters: false,
  };
}

/** Character arrays are text in results, except that SASL calls its bytes characters. @param {Field} field @returns {Mapping} */
function characters(field) {
  const plain = { structs: [], typedParameters: false };
  if (field.name === 'data') {
    return {
      ...plain,
      type: 'Uint8Array',
      read: `reader.readCharBytes(${field.max})`,
      write: (value) => `writer.writeCharBytes(${value}, ${field.max})`,
    };
  }
  const method = field.kind === 'fixed' ? 'readChars' : 'readVariableChars';
  return { ...plain, type: 'string', read: `reader.${method}(${field.max})`, write: () => '' };
}

/** @param {string} name */
export const propertyName = camel;
