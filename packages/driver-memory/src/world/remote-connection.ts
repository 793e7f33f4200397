import { DriverError, type PoolObject, type RemoteConnection } from '@virt-drivers/core';
import { refuseForeignUse, type VolumeUse } from '@virt-drivers/core/kit';
import { fingerprintOf } from './fingerprint.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';
import { usesByOthers } from './volume-uses.js';

/** Text that is equal for equal connections, or objects, and has no secret in it. */
export function connectionKey(connection: RemoteConnection | PoolObject): string {
  const {
    chap: _chap,
    key: _key,
    credentials: _credentials,
    ...rest
  } = { chap: 0, key: 0, credentials: 0, ...connection };
  return fingerprintOf(rest);
}

function hostsOf(connection: RemoteConnection): readonly string[] {
  switch (connection.protocol) {
    case 'iscsi':
    case 'nvmeTcp':
      return connection.portals.map(({ host }) => host);
    case 'rbd':
      return connection.monitors.map(({ host }) => host);
    case 'nfs':
    case 'smb':
      return [connection.server];
    case 'nbd':
      return 'host' in connection.server ? [connection.server.host] : [];
    case 'fibreChannel':
      return [];
  }
}

/** `POOL.UNAVAILABLE` when no address can be reached: in a world, names below `.invalid` (RFC 2606) cannot. */
export function checkReachable(connection: RemoteConnection): void {
  const hosts = hostsOf(connection);
  if (hosts.length === 0 || hosts.some((host) => !host.endsWith('.invalid'))) return;
  throw new DriverError(
    'POOL.UNAVAILABLE',
    `Target ${hosts.join(', ')} cannot be reached; check the address and the network.`,
  );
}

/** `VOLUME.IN_USE` when another machine has the remote volume and they do not agree to share it. */
export function checkNotConnected(
  scene: Scene,
  machine: MachineEntry,
  key: string,
  wanted: Omit<VolumeUse, 'machine'>,
): void {
  const uses = usesByOthers(scene, machine.id, ({ remote }) => remote?.connection === key);
  refuseForeignUse({ what: 'Remote volume', subject: key }, uses, wanted);
}
