import { DriverError, type CallOptions, type MachineId, type RemoteConnection } from '@virt-drivers/core';
import type { Link } from '../convert/disk-xml.js';
import { fabricOf, unitIdentity, type HostUnit } from '../convert/host-unit.js';
import { remoteIdentity, type RemoteSource } from '../convert/remote-source.js';
import { bringIn } from '../host-initiator/units.js';
import { keepSecret } from '../remote-secrets.js';
import type { LibvirtSession } from '../session.js';
import { sourceOf, type WantedSource } from './connection-source.js';
import { waysTo } from './ways.js';

/** A volume of another system, and how a machine of this host comes to it. */
export interface Opening {
  /** The same text for the same volume, whichever way leads to it. */
  readonly identity: string;
  /** Has libvirt keep the password that the connection gives, in place of an earlier one. */
  renew(options: CallOptions): Promise<unknown>;
  /**
   * Makes the volume reachable and tells the ways there, the first one first. `letGoUnused` undoes it.
   * Errors: `ACCESS.DENIED`, `POOL.UNAVAILABLE`, `VOLUME.NOT_FOUND`.
   */
  open(options: CallOptions): Promise<readonly Link[]>;
}

/** Errors: `CAPABILITY.ABSENT`, `CAPABILITY.CONDITION_UNMET`, `REQUEST.INVALID`. */
export function openingOf(session: LibvirtSession, id: MachineId, connection: RemoteConnection): Opening {
  const { hostInitiator } = session.options;
  if (connection.protocol === 'iscsi' && hostInitiator !== undefined) return byHost(session, id, connection);
  if (connection.protocol === 'fibreChannel') return byFabric(session, id, connection);
  return byQemu(session, id, sourceOf(connection, session.endpoint.hostId));
}

function byQemu(session: LibvirtSession, id: MachineId, { source, format, credentials }: WantedSource): Opening {
  const identity = remoteIdentity(source);
  const withSecret = async (options: CallOptions): Promise<RemoteSource> => {
    if (!credentials) return source;
    const kind = source.protocol === 'rbd' ? 'ceph' : 'iscsi';
    const secretUuid = await keepSecret(session, id, identity, kind, credentials.secret, options);
    return { ...source, auth: { username: credentials.user, secretUuid } };
  };
  return {
    identity,
    renew: withSecret,
    open: async (options) =>
      waysTo(await withSecret(options)).map((remote) => ({ path: identity, format, store: { remote } })),
  };
}

/** Which units a host sees in a fabric is said by the fabric's zones; there is nothing to log in to. */
function byFabric(
  session: LibvirtSession,
  id: MachineId,
  { wwpns, lun, multipath = false }: RemoteConnection & { readonly protocol: 'fibreChannel' },
): Opening {
  const target = fabricOf(wwpns);
  if (target === undefined)
    throw new DriverError(
      'REQUEST.INVALID',
      `Ports ${wwpns.join(', ')} are no names in a fabric; each has 16 hexadecimal digits.`,
    );
  const unit: HostUnit = { target, lun, portals: [], multipath };
  return {
    identity: unitIdentity(unit),
    renew: async () => undefined,
    open: async (options) => [{ path: await bringIn(session, id, unit, options), format: 'raw', store: 'block' }],
  };
}

function byHost(
  session: LibvirtSession,
  id: MachineId,
  connection: RemoteConnection & { readonly protocol: 'iscsi' },
): Opening {
  const { target, lun, portals, chap, multipath = false, initiator } = connection;
  if (chap?.mutual) throw absent('Mutual CHAP is not spoken by libvirt for the host; leave it out.');
  if (initiator !== undefined && initiator !== session.options.hostInitiator)
    throw absent(`Initiator ${initiator} is not the host's, which is ${session.options.hostInitiator}; leave it out.`);
  const bare: HostUnit = { target, lun, portals, multipath };
  const identity = unitIdentity(bare);
  const withSecret = async (options: CallOptions): Promise<HostUnit> => {
    if (!chap) return bare;
    const secretUuid = await keepSecret(session, id, identity, 'iscsi', chap.password, options);
    return { ...bare, account: { user: chap.user, secretUuid } };
  };
  return {
    identity,
    renew: withSecret,
    async open(options) {
      const path = await bringIn(session, id, await withSecret(options), options);
      return [{ path, format: 'raw', store: 'block' }];
    },
  };
}

const absent = (message: string): DriverError => new DriverError('CAPABILITY.ABSENT', message);
