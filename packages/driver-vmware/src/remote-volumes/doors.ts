import { DriverError, type PoolObject, type RemoteConnection } from '@virt-drivers/core';
import type { RemoteNote } from '../convert/remote-note.js';
import type { VmwareSession } from '../session.js';
import type { Door, Visit } from './door.js';
import { fibreChannelDoor } from './fibre-channel.js';
import { iscsiDoor } from './iscsi.js';
import { nfsDoor } from './nfs.js';
import { poolObjectDoor } from './pool-object.js';

/** The doors that this driver knows. */
export const doorsOf = (session: VmwareSession) => ({
  nfs: nfsDoor(session),
  iscsi: iscsiDoor(session),
  fibreChannel: fibreChannelDoor(session),
  poolObject: poolObjectDoor(session),
});

/** A connection with the door that it goes through. */
export interface Approach {
  readonly protocol: RemoteNote['protocol'];
  readonly identity: string;
  readonly door: string;
  plan(visit: Visit): ReturnType<Door<never>['plan']>;
  open(note: RemoteNote, visit: Visit): ReturnType<Door<never>['open']>;
}

/** Errors: `CAPABILITY.ABSENT` for what ESXi does not speak. */
export function approach(session: VmwareSession, connection: RemoteConnection | PoolObject): Approach {
  const doors = doorsOf(session);
  if ('object' in connection) return through(doors.poolObject, connection, 'poolObject');
  switch (connection.protocol) {
    case 'nfs':
      return through(doors.nfs, connection, connection.protocol);
    case 'iscsi':
      return through(doors.iscsi, connection, connection.protocol);
    case 'fibreChannel':
      return through(doors.fibreChannel, connection, connection.protocol);
    default:
      throw new DriverError(
        'CAPABILITY.ABSENT',
        `Protocol ${connection.protocol} is not spoken by ESXi; attach by iscsi, fibreChannel or nfs, or a first class disk as an object of its pool.`,
      );
  }
}

const through = <C>(door: Door<C>, connection: C, protocol: RemoteNote['protocol']): Approach => ({
  protocol,
  identity: door.identity(connection),
  door: door.name(connection),
  plan: (visit) => door.plan(connection, visit),
  open: (note, visit) => door.open(connection, note, visit),
});
