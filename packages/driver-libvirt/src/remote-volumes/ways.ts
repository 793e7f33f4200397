import type { RemoteSource } from '../convert/remote-source.js';

/**
 * The ways to a volume, each with another of its portals first, for QEMU's iSCSI initiator takes the first only. The
 * document keeps all of them, in the order in which the last connection was made.
 */
export function waysTo(source: RemoteSource): readonly RemoteSource[] {
  const { protocol, hosts } = source;
  if (protocol !== 'iscsi' || hosts.length < 2) return [source];
  return hosts.map((_, first) => ({ ...source, hosts: [...hosts.slice(first), ...hosts.slice(0, first)] }));
}
