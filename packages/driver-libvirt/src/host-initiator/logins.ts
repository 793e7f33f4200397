import { isDriverError, type CallOptions } from '@virt-drivers/core';
import { delay, undefinedOn, withUndo } from '@virt-drivers/core/kit';
import {
  connectListAllStoragePools,
  storagePoolCreateXml,
  storagePoolDestroy,
  storagePoolGetXmlDesc,
  storagePoolRefresh,
  type StoragePool,
} from '@virt-drivers/libvirt';
import {
  isFabric,
  isLogin,
  loginName,
  loginsAt,
  loginXml,
  readLogin,
  scanXml,
  type HostUnit,
  type UnitPortal,
} from '../convert/host-unit.js';
import { toRemoteError } from '../remote-volumes/errors.js';
import type { LibvirtSession } from '../session.js';
import { fabricAdapters, pathsTo } from './unit-paths.js';

const unlessGone = undefinedOn('POOL.NOT_FOUND');

/*
 * The host's initiator is reached through libvirt's storage pools of type `iscsi`: to start one is to log in at its
 * portal, to stop it is to log out. They are transient, and named by target and portal, so that whoever needs a login
 * finds the one that is there. libvirt has one of them for a target: where the host is logged in already, at whatever
 * portal, it logs in no more. So logins of others are used as they are, and never ended.
 */

/** iscsiadm tries a portal that does not answer eight times, 15 seconds each, by its default settings. */
const TAKES = { long: true, within: { minutes: 4 } } as const;
const aboutTarget = (target: string) => ({ what: `iSCSI target ${target}`, subject: target, ...TAKES });

/** The pools that are our logins. */
export async function allLogins({ daemon }: LibvirtSession, options: CallOptions): Promise<readonly StoragePool[]> {
  const all = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
    connectListAllStoragePools(connection, 0, call),
  );
  return all.filter(({ name }) => isLogin(name));
}

const loginsWith = async (
  session: LibvirtSession,
  prefix: string,
  options: CallOptions,
): Promise<readonly StoragePool[]> => (await allLogins(session, options)).filter(({ name }) => name.startsWith(prefix));

/**
 * Logs in at the first portal that answers, where the host is not logged in to the target. The caller holds the target's
 * lock. Errors: `ACCESS.DENIED`, `POOL.UNAVAILABLE`.
 */
export async function logIn(session: LibvirtSession, unit: HostUnit, options: CallOptions): Promise<void> {
  const { target, portals } = unit;
  if (isFabric(target)) return;
  if ((await loginsWith(session, loginsAt(target), options)).length > 0) return;
  if ((await pathsTo(session, target, options)).length > 0) return;
  let failure: unknown;
  for (const portal of portals) {
    try {
      await start(session, unit, portal, options);
      return;
    } catch (error) {
      if (!isDriverError(error, 'POOL.UNAVAILABLE')) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Logs out where the logins' names begin so. */
export async function logOut(session: LibvirtSession, prefix: string, options: CallOptions): Promise<void> {
  for (const pool of await loginsWith(session, prefix, options)) {
    const login = await loginOf(session, pool, options);
    await destroy(session, pool, options);
    if (login) await untilGone(session, login, options);
  }
}

// QUIRK(libvirt 9.0): told as an internal error, after which the pool is gone. src/storage/storage_driver.c storagePoolRefreshImpl
const LOST_LOGIN = {
  INTERNAL_ERROR: { code: 'POOL.UNAVAILABLE', says: 'is one that the host lost its login to' },
} as const;

/**
 * Has the host look for units at a target; at a login of our own also for their sizes, which libvirt has no other call
 * for. Errors: `POOL.UNAVAILABLE` when that login ended by itself; the next attempt makes it anew.
 */
export async function rescan(session: LibvirtSession, target: string, options: CallOptions): Promise<void> {
  const about = aboutTarget(target);
  for (const pool of await loginsWith(session, loginsAt(target), options))
    await session.daemon.call({ ...about, means: LOST_LOGIN }, options, (connection, call) =>
      storagePoolRefresh(connection, pool, 0, call),
    );
  const known = (await pathsTo(session, target, options)).flatMap(({ adapter }) => adapter ?? []);
  const adapters = new Set([...known, ...(isFabric(target) ? await fabricAdapters(session, options) : [])]);
  for (const adapter of adapters) await scan(session, adapter, options);
}

async function scan({ daemon }: LibvirtSession, adapter: string, options: CallOptions): Promise<void> {
  try {
    await daemon.call({ what: `Adapter ${adapter} of the host`, ...TAKES }, options, async (connection, call) => {
      const pool = await storagePoolCreateXml(connection, scanXml(adapter), 0, call);
      await storagePoolDestroy(connection, pool, call);
    });
  } catch (error) {
    // A way that is dead, which multipath is for: libvirt cannot read the units behind it.
    if (!isDriverError(error, 'HOST.FAILED')) throw error;
  }
}

async function start(session: LibvirtSession, unit: HostUnit, portal: UnitPortal, options: CallOptions): Promise<void> {
  const name = loginName(unit.target, portal);
  await withUndo((undo) =>
    undo.attempt(
      `login at ${portal.host}:${portal.port}`,
      // One that succeeded, of which we were not told in time.
      (own) => logOut(session, name, own),
      async () => {
        try {
          await session.daemon.call(aboutTarget(unit.target), options, (connection, call) =>
            storagePoolCreateXml(connection, loginXml(unit, portal), 0, call),
          );
        } catch (error) {
          throw toRemoteError(error, `iSCSI target ${unit.target} at ${portal.host}:${portal.port}`);
        }
      },
    ),
  );
}

async function loginOf({ daemon }: LibvirtSession, pool: StoragePool, options: CallOptions) {
  try {
    const about = { what: `Login ${pool.name} of the host`, subject: pool.name, reads: true };
    return readLogin(
      await daemon.call(about, options, (connection, call) => storagePoolGetXmlDesc(connection, pool, 0, call)),
    );
  } catch (error) {
    return unlessGone(error);
  }
}

async function destroy({ daemon }: LibvirtSession, pool: StoragePool, options: CallOptions): Promise<void> {
  try {
    const about = { what: `Login ${pool.name} of the host`, subject: pool.name, ...TAKES };
    await daemon.call(about, options, (connection, call) => storagePoolDestroy(connection, pool, call));
  } catch (error) {
    unlessGone(error);
  }
}

const LOOKS = 20;
const BETWEEN_LOOKS = { milliseconds: 250 };

/** libvirt tells of devices a moment longer than they are there: the next attachment would take them for another's. */
async function untilGone(
  session: LibvirtSession,
  { target, portal }: { readonly target: string; readonly portal: string },
  options: CallOptions,
): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const paths = await pathsTo(session, target, options);
    if (!paths.some((path) => path.portal === portal)) return;
    await delay(BETWEEN_LOOKS, options);
  }
}
