import { createHash } from 'node:crypto';
import { readDisk } from './disk-xml.js';
import { remoteIdentity, remoteSourceOf } from './remote-source.js';
import { attribute, child, children, parseXml, textAt, toXml, tree, type Element } from './xml.js';

/** Namespace of what a machine notes about units that the host's own initiator brings in. */
export const UNITS_NAMESPACE = 'urn:virt-drivers:host-units:1';
/** Prefix under which libvirt writes our elements. */
export const UNITS_PREFIX = 'vdu';

/** An address of an iSCSI target. */
export interface UnitPortal {
  readonly host: string;
  readonly port: number;
}

/** A logical unit that the host, not QEMU, brings in. */
export interface HostUnit {
  /** Name of an iSCSI target, which the host logs in to; or ports of a Fibre Channel fabric, as `fabricOf` has them. */
  readonly target: string;
  readonly lun: number;
  readonly portals: readonly UnitPortal[];
  /** The disk is a multipath map, or there is none. */
  readonly multipath: boolean;
  /** Account at the target, and libvirt's secret that holds its password. */
  readonly account?: { readonly user: string; readonly secretUuid: string };
}

/** A unit as a machine notes it: a device's name tells nobody which target it is of. */
export interface NotedUnit extends HostUnit {
  /** The disk's device on the host; empty before it is known. */
  readonly device: string;
}

/** The same text for the same unit, whoever logs in there. */
export const unitIdentity = ({ target, lun }: Pick<HostUnit, 'target' | 'lun'>): string =>
  isFabric(target) ? `${target}/${lun}` : `iscsi:${target}/${lun}`;

const FABRIC = 'fc:';

/** True for ports of a fabric, to which nobody logs in. */
export const isFabric = (target: string): boolean => target.startsWith(FABRIC);

/** Ports of a system in a Fibre Channel fabric as one text; undefined when one is no port's name (16 hexadecimal digits). */
export function fabricOf(wwpns: readonly string[]): string | undefined {
  const ports = wwpns.map((wwpn) => wwpn.toLowerCase().replace(/^0x|:/g, ''));
  return ports.every((port) => /^[0-9a-f]{16}$/.test(port)) ? `${FABRIC}${ports.sort().join(',')}` : undefined;
}

/** Whether a way leads to units of a target. */
export const leadsTo = (target: string, path: UnitPath): boolean =>
  isFabric(target) ? target.slice(FABRIC.length).split(',').includes(path.portal) : path.target === target;

/** The note as virDomainSetMetadata wants it: libvirt adds prefix and namespace itself. */
export const unitsXml = (units: readonly NotedUnit[]): string =>
  toXml(
    tree(
      'units',
      {},
      ...units.map(({ device, target, lun, portals, multipath, account }) =>
        tree(
          'unit',
          { device, target, lun, multipath: multipath ? 'yes' : undefined },
          ...portals.map(({ host, port }) => tree('portal', { host, port })),
          account && tree('account', { user: account.user, secret: account.secretUuid }),
        ),
      ),
    ),
  );

/** Units that a machine's document notes. */
export const readUnits = (document: Element): readonly NotedUnit[] => unitElements(document).map(readUnit);

function unitElements(document: Element): readonly Element[] {
  const notes = children(children(document, 'metadata')[0]).find(
    ({ namespaceURI }) => namespaceURI === UNITS_NAMESPACE,
  );
  return children(notes, 'unit');
}

/** Gives a unit another device: in the note and as a disk, for one without the other is no unit. */
export function renameDevice(document: Element, before: string, now: string): void {
  for (const unit of unitElements(document)) if (attribute(unit, 'device') === before) unit.setAttribute('device', now);
  for (const disk of children(child(document, 'devices'), 'disk')) {
    const source = child(disk, 'source');
    if (attribute(source, 'dev') === before) source?.setAttribute('dev', now);
  }
}

function readUnit(element: Element): NotedUnit {
  const user = attribute(element, 'user', 'account');
  const secretUuid = attribute(element, 'secret', 'account');
  return {
    device: attribute(element, 'device') ?? '',
    target: attribute(element, 'target') ?? '',
    lun: Number(attribute(element, 'lun')),
    multipath: attribute(element, 'multipath') === 'yes',
    portals: children(element, 'portal').map((portal) => ({
      host: attribute(portal, 'host') ?? '',
      port: Number(attribute(portal, 'port')),
    })),
    ...(user === undefined || secretUuid === undefined ? {} : { account: { user, secretUuid } }),
  };
}

/** The unit that is behind a disk element; undefined for other disks. */
export function unitOf(units: readonly NotedUnit[], disk: Element): NotedUnit | undefined {
  if (units.length === 0) return undefined;
  const { path } = readDisk(disk);
  return units.find(({ device }) => device !== '' && device === path);
}

/** What a disk element is of another system, by whoever's initiator; undefined for a disk of the host's own. */
export function identityOf(units: readonly NotedUnit[], disk: Element): string | undefined {
  const source = remoteSourceOf(disk);
  if (source) return remoteIdentity(source);
  const unit = unitOf(units, disk);
  return unit && unitIdentity(unit);
}

/** What names of the pools begin with that are this driver's logins, which are nobody's to keep volumes in. */
export const LOGIN_PREFIX = 'vd-iscsi-';

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What names of the pools begin with that are logins at one target. */
export const loginsAt = (target: string): string => `${LOGIN_PREFIX}${short(target)}-`;

/** The same of a login's name. */
export const targetPrefix = (login: string): string => login.slice(0, -16);

export const isLogin = (pool: string): boolean => /^vd-iscsi-[0-9a-f]{16}-[0-9a-f]{16}$/.test(pool);

/** Name of the pool that is the login at one portal: the same for everybody who needs it. */
export const loginName = (target: string, { host, port }: UnitPortal): string =>
  `${loginsAt(target)}${short(`${host}:${port}`)}`;

/** The pool that is a login. https://libvirt.org/storage.html#iscsi-pool */
export const loginXml = ({ target, account }: HostUnit, portal: UnitPortal): string =>
  toXml(
    tree(
      'pool',
      { type: 'iscsi' },
      tree('name', {}, loginName(target, portal)),
      tree(
        'source',
        {},
        tree('host', { name: portal.host, port: portal.port }),
        tree('device', { path: target }),
        account && tree('auth', { type: 'chap', username: account.user }, tree('secret', { uuid: account.secretUuid })),
      ),
      tree('target', {}, tree('path', {}, '/dev/disk/by-path')),
    ),
  );

/** Directory of the names that devices have by what they are. */
export const DEVICES_BY_ID = '/dev/disk/by-id';

/** A pool that shows which devices the host has, by id. */
export const devicesXml = (): string =>
  toXml(
    tree(
      'pool',
      { type: 'dir' },
      tree('name', {}, `${LOGIN_PREFIX}devices`),
      tree('target', {}, tree('path', {}, DEVICES_BY_ID)),
    ),
  );

/** A pool that has the host look for units at one of its adapters. https://libvirt.org/storage.html#scsi-pool */
export const scanXml = (adapter: string): string =>
  toXml(
    tree(
      'pool',
      { type: 'scsi' },
      tree('name', {}, `${LOGIN_PREFIX}scan-${adapter}`),
      tree('source', {}, tree('adapter', { type: 'scsi_host', name: adapter })),
      tree('target', {}, tree('path', {}, '/dev/disk/by-path')),
    ),
  );

/** Name in that directory of the multipath map over a unit, by the unit's own id. */
export const mapName = (unitId: string): string => `dm-uuid-mpath-${unitId}`;

/** A way of the host to a unit, as libvirt's node devices tell it. */
export interface UnitPath {
  readonly target: string;
  readonly portal: string;
  readonly lun: number;
  /** Name by path, `/dev/disk/by-path/…`: the same after a restart. */
  readonly device: string;
  /** The unit's own id, the same by every way. */
  readonly unitId?: string;
  /** The kernel's name of the session as an adapter: `host3`. */
  readonly adapter?: string;
}

/** udev's names by path: `ip-PORTAL-iscsi-TARGET-lun-N`, `fc-0xPORT-lun-N`. systemd: src/udev/udev-builtin-path_id.c */
const BY_PATH =
  /\/by-path\/(?:.*-)?(?:ip-(?<portal>.+?)-iscsi-(?<target>.+)|fc-0x(?<port>[0-9a-f]{16}))-lun-(?<lun>\d+)$/;

/** Reads a node device; undefined for one that is no unit of another system. */
export function readUnitPath(node: Element): UnitPath | undefined {
  for (const { textContent: device } of children(node, 'devnode')) {
    const named: Readonly<Partial<Record<string, string>>> = BY_PATH.exec(device)?.groups ?? {};
    const { target = FABRIC, port, portal = port, lun } = named;
    if (portal === undefined) continue;
    const adapter = /\/(host\d+)\/(?:session|rport-)/.exec(textAt(node, 'path') ?? '')?.[1];
    const unitId = textAt(node, 'capability/serial');
    return {
      ...{ target, portal, lun: Number(lun), device },
      ...(unitId === undefined ? {} : { unitId }),
      ...(adapter === undefined ? {} : { adapter }),
    };
  }
  return undefined;
}

/** A portal as names by path have it. */
export const portalText = ({ host, port }: UnitPortal): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Where a pool that is a login is logged in. */
export function readLogin(pool: string): { readonly target: string; readonly portal: string } {
  const source = child(parseXml(pool), 'source');
  const host = attribute(source, 'name', 'host') ?? '';
  const port = Number(attribute(source, 'port', 'host') ?? 3260);
  return { target: attribute(source, 'path', 'device') ?? '', portal: portalText({ host, port }) };
}
