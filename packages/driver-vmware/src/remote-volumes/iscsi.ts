import { DriverError, type CallOptions, type Portal } from '@virt-drivers/core';
import type {
  HostInternetScsiHba,
  HostInternetScsiHbaStaticTarget,
  HostStorageDeviceInfo,
} from '@virt-drivers/vsphere';
import type { RemoteNote } from '../convert/remote-note.js';
import type { VmwareSession } from '../session.js';
import { allOrFirstError } from './all-or-first-error.js';
import { SOFTWARE_ADAPTER } from './conditions.js';
import type { ConnectionOf, Door, Visit } from './door.js';
import { reached, type ReachedHost } from './reach.js';
import { aboutStorage, openUnit, rescan, storageOf, type UnitWanted } from './units.js';
import { isNeededOn, type OtherMachine } from './users.js';

type Iscsi = ConnectionOf<'iscsi'>;

const DOOR = 'iscsi ';
const doorOf = ({ target }: Iscsi): string => `${DOOR}${target}`;
const portalText = ({ host, port }: Portal): string => `${host}:${port}`;

/** The unit behind a target. */
const iscsiUnit = (target: string, lun: number): UnitWanted => ({
  what: `iSCSI target ${target}`,
  lun,
  isMeant: (transport) => transport.$type === 'HostInternetScsiTargetTransport' && transport.iScsiName === target,
  adapters: (info) => softwareAdapters(info).map(({ device }) => device),
});

/** Targets that the software adapters of hosts log in to, and their units as raw devices. */
export function iscsiDoor(session: VmwareSession): Door<Iscsi> {
  return {
    name: doorOf,
    identity: (connection) => `${doorOf(connection)} ${connection.lun}`,
    async plan(connection, visit) {
      const made = await allOrFirstError(visit.reach.hosts.map((host) => missingOn(session, host, connection, visit)));
      return { hosts: visit.reach.hosts.map(({ id }) => id), made: made.flat() };
    },
    async open(connection, _note, { reach, options }) {
      await allOrFirstError(reach.hosts.map((host) => tell(session, host, connection, options)));
      return openUnit(session, reach.hosts, iscsiUnit(connection.target, connection.lun), options);
    },
    async close(note, others, options) {
      const from = note.hosts.map((value) => ({ type: 'HostSystem', value }));
      const hosts = await reached(session, from, options);
      await allOrFirstError(hosts.map((host) => forget(session, host, note, others, options)));
    },
  };
}

/** What the host must be told, and what machines of ours had it told: that goes with the last of them. */
async function missingOn(
  session: VmwareSession,
  host: ReachedHost,
  connection: Iscsi,
  { others, options }: Visit,
): Promise<readonly string[]> {
  const adapter = adapterOf(await storageOf(session, host, options), host);
  refuseOtherName(adapter, connection, host);
  refuseUnchecked(adapter, connection, host);
  const theirs = new Set(
    others.flatMap(({ notes }) => notes).flatMap(({ door, made }) => (door === doorOf(connection) ? made : [])),
  );
  return connection.portals.flatMap((portal) => {
    const mark = `${host.id} ${portalText(portal)}`;
    return !isKnown(adapter, connection.target, portal) || theirs.has(mark) ? [mark] : [];
  });
}

/** Adds the portals that the host does not know. */
async function tell(session: VmwareSession, host: ReachedHost, connection: Iscsi, options: CallOptions): Promise<void> {
  const adapter = adapterOf(await storageOf(session, host, options), host);
  const { target, portals, chap } = connection;
  const targets = portals
    .filter((portal) => !isKnown(adapter, target, portal))
    .map((portal) => toTarget(target, portal, chap));
  if (targets.length === 0) return;
  const secrets = [chap?.password, chap?.mutual?.password].filter((one) => one !== undefined);
  const about = { ...aboutStorage(host, `iSCSI target ${target}`), secrets };
  await session.center.call(about, options, (vsphere, call) =>
    vsphere.invoke(
      host.storageSystem,
      'AddInternetScsiStaticTargets',
      { iScsiHbaDevice: adapter.device, targets },
      call,
    ),
  );
}

/** Removes what was added for us, unless another machine needs it there. */
async function forget(
  session: VmwareSession,
  host: ReachedHost,
  { door, made }: RemoteNote,
  others: readonly OtherMachine[],
  options: CallOptions,
): Promise<void> {
  if (isNeededOn(others, door, host.id)) return;
  const [adapter] = softwareAdapters(await storageOf(session, host, options));
  const target = door.slice(DOOR.length);
  const targets = (adapter?.configuredStaticTarget ?? [])
    .filter(
      ({ iScsiName, address, port }) =>
        iScsiName === target && made.includes(`${host.id} ${portalText({ host: address, port: port ?? ISCSI })}`),
    )
    .map(({ address, port }) => ({ address, port: port ?? ISCSI, iScsiName: target }));
  if (!adapter || targets.length === 0) return;
  await session.center.call(aboutStorage(host, `iSCSI target ${target}`), options, (vsphere, call) =>
    vsphere.invoke(
      host.storageSystem,
      'RemoveInternetScsiStaticTargets',
      { iScsiHbaDevice: adapter.device, targets },
      call,
    ),
  );
  await rescan(session, host, [adapter.device], options);
}

/** The port that IANA gave iSCSI. */
const ISCSI = 3260;

const softwareAdapters = ({ hostBusAdapter = [] }: HostStorageDeviceInfo): readonly HostInternetScsiHba[] =>
  hostBusAdapter.flatMap((one) => (one.$type === 'HostInternetScsiHba' && one.isSoftwareBased ? [one] : []));

function adapterOf(info: HostStorageDeviceInfo, { name, id }: ReachedHost): HostInternetScsiHba {
  const [adapter] = softwareAdapters(info);
  if (adapter) return adapter;
  throw new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Host ${name} has no software iSCSI adapter. ${SOFTWARE_ADAPTER.reason}`,
    {
      subject: id,
      condition: SOFTWARE_ADAPTER,
    },
  );
}

/** A host has one name for all targets. */
function refuseOtherName({ iScsiName }: HostInternetScsiHba, { initiator }: Iscsi, { name, id }: ReachedHost): void {
  if (initiator === undefined || initiator === iScsiName) return;
  throw new DriverError(
    'REQUEST.INVALID',
    `Host ${name} is initiator ${iScsiName}, not ${initiator}; leave the initiator out.`,
    {
      subject: id,
    },
  );
}

/** What a host was told of a target before it keeps: one that it does not check is not checked now. */
function refuseUnchecked({ configuredStaticTarget = [] }: HostInternetScsiHba, connection: Iscsi, host: ReachedHost) {
  const { target, portals, chap } = connection;
  if (!chap?.mutual) return;
  const unchecked = configuredStaticTarget.find(
    (one) =>
      portals.some((portal) => isPortal(one, target, portal)) &&
      one.authenticationProperties?.mutualChapAuthenticationType !== 'chapRequired',
  );
  if (!unchecked) return;
  const text = `Host ${host.name} knows target ${target} without checking who it is. Detach its other units there first.`;
  throw new DriverError('REQUEST.CONFLICT', text, { subject: host.id });
}

const isKnown = ({ configuredStaticTarget = [] }: HostInternetScsiHba, target: string, portal: Portal): boolean =>
  configuredStaticTarget.some((one) => isPortal(one, target, portal));

const isPortal = (
  { iScsiName, address, port = ISCSI }: HostInternetScsiHbaStaticTarget,
  target: string,
  portal: Portal,
): boolean => iScsiName === target && address === portal.host && port === portal.port;

const toTarget = (target: string, { host, port }: Portal, chap: Iscsi['chap']): HostInternetScsiHbaStaticTarget => ({
  address: host,
  port,
  iScsiName: target,
  ...(chap && {
    authenticationProperties: {
      chapAuthEnabled: true,
      chapName: chap.user,
      chapSecret: chap.password.reveal(),
      chapAuthenticationType: 'chapRequired',
      chapInherited: false,
      ...(chap.mutual && {
        mutualChapName: chap.mutual.user,
        mutualChapSecret: chap.mutual.password.reveal(),
        mutualChapAuthenticationType: 'chapRequired',
        mutualChapInherited: false,
      }),
    },
  }),
});
