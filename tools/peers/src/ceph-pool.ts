import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibvirtPeer } from './libvirt-peer.js';
import { PeerUnavailable } from './peer-unavailable.js';
import type { CephPeer } from './start-ceph.js';

/**
 * Defines and starts pool `ceph` of a libvirtd over a cluster's images, as an operator does: libvirt keeps the key, the pool
 * names its secret.
 * @throws PeerUnavailable when this libvirt knows no such pools.
 */
export async function defineCephPool(peer: LibvirtPeer, { monitor, pool, account }: CephPeer): Promise<void> {
  const uuid = randomUUID();
  const secret = `<secret private="yes"><uuid>${uuid}</uuid><usage type="ceph"><name>machines</name></usage></secret>`;
  const described = `<pool type="rbd"><name>ceph</name><source><host name="${monitor.host}" port="${monitor.port}"/>
    <name>${pool}</name><auth type="ceph" username="${account.user}"><secret uuid="${uuid}"/></auth></source></pool>`;
  const file = (name: string): string => join(peer.directory, name);
  await writeFile(file('secret.xml'), secret);
  await writeFile(file('pool.xml'), described);
  await writeFile(file('key'), account.key, { mode: 0o600 });
  await peer.virsh(['secret-define', file('secret.xml')]);
  await peer.virsh(['secret-set-value', uuid, '--file', file('key')]);
  try {
    await peer.virsh(['pool-define', file('pool.xml')]);
    await peer.virsh(['pool-start', 'ceph']);
  } catch (error) {
    if (!String(error).includes('missing backend')) throw error;
    throw new PeerUnavailable('RBD pool', 'libvirt has no driver for it', 'Install libvirt-daemon-driver-storage-rbd.');
  }
}
