import { DriverError, type CallOptions, type Condition } from '@virt-drivers/core';
import { delay } from '@virt-drivers/core/kit';
import {
  storagePoolCreateXml,
  storagePoolDestroy,
  storagePoolListAllVolumes,
  storagePoolLookupByTargetPath,
  storagePoolRefresh,
} from '@virt-drivers/libvirt';
import {
  DEVICES_BY_ID,
  devicesXml,
  isFabric,
  mapName,
  portalText,
  unitIdentity,
  type HostUnit,
  type UnitPath,
} from '../convert/host-unit.js';
import type { LibvirtSession } from '../session.js';
import { rescan } from './logins.js';
import { pathsTo } from './unit-paths.js';

/** Why a disk over several portals may not come to be. */
export const NEEDS_MULTIPATHD: Condition = {
  needs: 'host-feature',
  value: 'multipath-tools',
  reason:
    'libvirt logs in at one portal: the host must be logged in at the others by its own settings, and its multipathd have made a map over the paths.',
};

/** How long devices take to be known to libvirt, and multipathd over a map. */
const PATH_LOOKS = 20;
const MAP_LOOKS = 60;
const BETWEEN_LOOKS = { milliseconds: 250 };

/**
 * The device that a unit has on the host, which is logged in to its target: the map over its paths, which has to be there
 * with `multipath`, and is taken if it is there where several portals are named; else the name by path.
 * Errors: `VOLUME.NOT_FOUND`, `CAPABILITY.CONDITION_UNMET` without a map.
 */
export async function deviceOf(session: LibvirtSession, unit: HostUnit, options: CallOptions): Promise<string> {
  const [first, ...others] = await pathsOf(session, unit, options);
  if (!first) throw notThere(unit);
  const map =
    unit.multipath || unit.portals.length > 1 || isFabric(unit.target)
      ? await mapOver(session, unit, first, options)
      : undefined;
  if (map !== undefined) return map;
  if (!unit.multipath) return bestOf(unit, [first, ...others]).device;
  const message = `Remote volume ${unitIdentity(unit)} has no multipath map on the host. ${NEEDS_MULTIPATHD.reason}`;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', message, { condition: NEEDS_MULTIPATHD });
}

async function pathsOf(
  session: LibvirtSession,
  { target, lun }: HostUnit,
  options: CallOptions,
): Promise<readonly UnitPath[]> {
  for (let looks = 0; ; looks += 1) {
    const paths = (await pathsTo(session, target, options)).filter((path) => path.lun === lun);
    if (paths.length > 0 || looks === PATH_LOOKS) return paths;
    if (looks === 1) await rescan(session, target, options);
    await delay(BETWEEN_LOOKS, options);
  }
}

/** By the portal that is named first. */
function bestOf({ portals }: HostUnit, paths: readonly [UnitPath, ...UnitPath[]]): UnitPath {
  const named = portals.map((portal) => paths.find((path) => path.portal === portalText(portal)));
  return named.find((path) => path !== undefined) ?? paths[0];
}

async function mapOver(
  session: LibvirtSession,
  { multipath }: HostUnit,
  { unitId }: UnitPath,
  options: CallOptions,
): Promise<string | undefined> {
  if (unitId === undefined) return undefined;
  const map = mapName(unitId);
  for (let looks = 0; ; looks += 1) {
    if ((await devicesById(session, options)).has(map)) return `${DEVICES_BY_ID}/${map}`;
    if (!multipath || looks === MAP_LOOKS) return undefined;
    await delay(BETWEEN_LOOKS, options);
  }
}

/**
 * Names of the host's devices by what they are. libvirt has pools of multipath maps, too, which tell a map's name only:
 * that is the unit's id on some hosts and a number on others.
 */
const devicesById = (session: LibvirtSession, options: CallOptions): Promise<ReadonlySet<string>> =>
  session.locks.run(`devices ${DEVICES_BY_ID}`, options, async () => {
    const about = { what: `Directory ${DEVICES_BY_ID} of the host`, long: true };
    return session.daemon.call(about, options, async (connection, call) => {
      const known = await storagePoolLookupByTargetPath(connection, DEVICES_BY_ID, call).catch(() => undefined);
      const pool = known ?? (await storagePoolCreateXml(connection, devicesXml(), 0, call));
      try {
        if (known) await storagePoolRefresh(connection, known, 0, call);
        const names = await storagePoolListAllVolumes(connection, pool, 0, call);
        return new Set(names.map(({ name }) => name));
      } finally {
        if (!known) await storagePoolDestroy(connection, pool, call);
      }
    });
  });

const notThere = (unit: HostUnit): DriverError =>
  new DriverError(
    'VOLUME.NOT_FOUND',
    `Remote volume ${unitIdentity(unit)} is not there; ask the owner of that system.`,
  );
