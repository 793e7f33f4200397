import { isDriverError, type CallOptions } from '@virt-drivers/core';
import type { Domain } from '@virt-drivers/libvirt';
import { diskElements } from './convert/machine-xml.js';
import { hostTree, remoteSourceOf, type RemoteSource } from './convert/remote-source.js';
import { append, child, children, remove } from './convert/xml.js';
import { editStored } from './domain-editing.js';
import type { LibvirtSession } from './session.js';

/** More than any storage system has portals. */
const MOST_TRIES = 16;

/**
 * Runs what makes QEMU connect to a stopped machine's disks. QEMU's iSCSI initiator knows one portal: where that does not
 * answer the disk gets its next one, in the stored document, and it is tried again until all had their turn.
 */
export async function byAnyPortal<T>(
  session: LibvirtSession,
  domain: Domain,
  options: CallOptions,
  start: () => Promise<T>,
): Promise<T> {
  const failed = new Set<string>();
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const portal = unreachablePortal(error);
      if (portal === undefined || failed.has(portal) || failed.size === MOST_TRIES) throw error;
      failed.add(portal);
      if (!(await moveOn(session, domain, failed, options))) throw error;
    }
  }
}

/** libvirt passes on QEMU's own words, with the option that they are about. */
function unreachablePortal(error: unknown): string | undefined {
  if (!isDriverError(error, 'HOST.FAILED')) return undefined;
  const said = error.native?.message ?? '';
  if (!/iSCSI: Failed to connect/.test(said) || /Auth\w+ failure/.test(said)) return undefined;
  return /"portal":"([^"]+)"/.exec(said)?.[1];
}

/** Gives disks whose first portal failed one that has not; false when there is none. */
async function moveOn(
  session: LibvirtSession,
  domain: Domain,
  failed: ReadonlySet<string>,
  options: CallOptions,
): Promise<boolean> {
  let moved = false;
  await editStored(session, domain, options, (document) => {
    for (const disk of diskElements(document)) {
      const source = remoteSourceOf(disk);
      const element = child(disk, 'source');
      if (!element || source?.protocol !== 'iscsi' || !failed.has(portalOf(source.hosts[0]))) continue;
      const first = source.hosts.findIndex((host) => !failed.has(portalOf(host)));
      if (first < 0) continue;
      moved = true;
      for (const host of children(element, 'host')) remove(host);
      for (const host of [...source.hosts.slice(first), ...source.hosts.slice(0, first)])
        append(element, hostTree(host));
    }
  });
  return moved;
}

/** As QEMU writes it. */
const portalOf = (host: RemoteSource['hosts'][number] | undefined): string =>
  !host || 'socket' in host ? '' : `${host.name}:${host.port ?? 3260}`;
