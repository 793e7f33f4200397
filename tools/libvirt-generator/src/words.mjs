/** Names on the wire that read better spelled out. Keys are whole names, applied to fields, arguments and handles alike. */
const RENAMED = new Map(
  Object.entries({
    dom: 'domain',
    ddom: 'domain',
    doms: 'domains',
    vol: 'volume',
    vols: 'volumes',
    net: 'network',
    nets: 'networks',
    snap: 'snapshot',
    snaps: 'snapshots',
    xml_desc: 'xml',
    iface: 'interface',
    ifaces: 'interfaces',
    dev: 'device',
    nwfilter: 'filter',
    msgs: 'messages',
    retStats: 'records',
    inetrface: 'interface',
  }),
);

/** Names that are words of the language. */
const RESERVED = new Set(['interface', 'function', 'default', 'delete', 'export', 'package', 'enum']);

/** @param {string} name snake or mixed case @returns {string} */
export function camel(name) {
  const known = RENAMED.get(name) ?? name;
  return known
    .replace(/_+([a-z0-9])/gi, (_, letter) => letter.toUpperCase())
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
    .replace(/ID$/, 'Id');
}

/** A name usable for a variable. @param {string} name */
export function variable(name) {
  const plain = camel(name);
  return RESERVED.has(plain) ? `${plain}Name` : plain;
}

/** @param {string} name snake case, any letter case @returns {string} */
export function pascal(name) {
  return name
    .toLowerCase()
    .split('_')
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** `virDomainXMLFlags` → Domain, Xml, Flags. @param {string} name */
export function typeWords(name) {
  const words =
    name
      .replace(/^vir/, '')
      .replace(/Flags?Values$/, 'Flags')
      .match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[0-9]+/g) ?? [];
  return words.map((word) => word.charAt(0) + word.slice(1).toLowerCase());
}
