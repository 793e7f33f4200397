/** @typedef {import('./protocol.mjs').Procedure} Procedure */
/** @typedef {import('./procedure-shape.mjs').Argument} Argument */

/** What the daemon answers when a handle's object is gone. @type {Record<string, string>} */
const GONE = {
  Domain: 'NO_DOMAIN',
  DomainCheckpoint: 'NO_DOMAIN_CHECKPOINT',
  DomainSnapshot: 'NO_DOMAIN_SNAPSHOT',
  Interface: 'NO_INTERFACE',
  Network: 'NO_NETWORK',
  NetworkPort: 'NO_NETWORK_PORT',
  NodeDevice: 'NO_NODE_DEVICE',
  NwFilter: 'NO_NWFILTER',
  NwFilterBinding: 'NO_NWFILTER_BINDING',
  Secret: 'NO_SECRET',
  StoragePool: 'NO_STORAGE_POOL',
  StorageVolume: 'NO_STORAGE_VOL',
};

/** Permissions that a read-only connection has. */
const READING = /:(getattr|read|search_\w+)$|^none$/;

/**
 * The documented errors of a function, from its arguments and from the permission that the definition notes.
 * @param {Procedure} procedure
 * @param {Argument[]} args
 * @param {string} result the type of what it gives
 */
export function throwsLine(procedure, args, result) {
  const gone = args.flatMap(({ mapping }) => GONE[mapping.type] ?? []);
  const sought = GONE[result];
  if (sought !== undefined && /_lookup_|_get_parent$|_current$/.test(procedure.name)) gone.push(sought);
  const denied = READING.test(procedure.notes['acl'] ?? 'none') ? [] : ['OPERATION_DENIED over a read-only connection'];
  const reasons = [
    ...(gone.length > 0 ? [`${[...new Set(gone)].join(' or ')} where there is none`] : []),
    ...denied,
    'NO_SUPPORT where the driver cannot do it',
  ];
  return `@throws LibvirtError ${reasons.join('; ')}.`;
}
