import type { CallOptions } from '../values/call.js';
import type { DiskId, HostId, MachineId, PoolId } from '../values/identifiers.js';
import type { DiskFormat } from '../values/image-source.js';
import type { Bytes } from '../values/quantity.js';
import type { Secret } from '../values/secret.js';
import type { Task } from '../values/task.js';
import type { Disk, DiskSpec } from './disks.js';

/** An address with its port. */
export interface Portal {
  readonly host: string;
  readonly port: number;
}

/**
 * Where a volume of another system is and how to reach it. Secrets are handed over per call and never stored in a record.
 *
 * Drivers tell all of these apart, so one more would break those that are out: it is a type and a member of its own, as
 * {@link PoolObject} is.
 */
export type RemoteConnection =
  | {
      readonly protocol: 'iscsi';
      /** All ways to the same target; tried in order, or used together with `multipath`. */
      readonly portals: readonly Portal[];
      readonly target: string;
      readonly lun: number;
      readonly initiator?: string;
      readonly multipath?: boolean;
      readonly chap?: {
        readonly user: string;
        readonly password: Secret;
        /** The target's own account, which the initiator checks in its turn. Needs capability `mutualChap`. */
        readonly mutual?: { readonly user: string; readonly password: Secret };
      };
    }
  | {
      readonly protocol: 'rbd';
      readonly monitors: readonly Portal[];
      readonly pool: string;
      readonly image: string;
      readonly user?: string;
      readonly key?: Secret;
    }
  | {
      readonly protocol: 'nfs';
      readonly server: string;
      readonly exportPath: string;
      readonly file: string;
      readonly format: DiskFormat;
    }
  | {
      readonly protocol: 'smb';
      readonly server: string;
      readonly share: string;
      readonly file: string;
      readonly format: DiskFormat;
      readonly credentials?: { readonly user: string; readonly password: Secret };
    }
  | {
      readonly protocol: 'nbd';
      readonly server: Portal | { readonly socket: string };
      readonly exportName?: string;
      readonly tls?: boolean;
    }
  | {
      readonly protocol: 'nvmeTcp';
      readonly portals: readonly Portal[];
      readonly subsystem: string;
      readonly namespace: number;
    }
  | {
      readonly protocol: 'fibreChannel';
      readonly wwpns: readonly string[];
      readonly lun: number;
      readonly multipath?: boolean;
    };

/** A disk that another system made in a pool of this endpoint, and that the hypervisor's catalogue knows by an id. */
export interface PoolObject {
  readonly pool: PoolId;
  readonly object: string;
}

/** What another system must know of a host to let it in. */
export interface HostInitiator {
  readonly iscsiName?: string;
  readonly wwpns: readonly string[];
  readonly nvmeName?: string;
  readonly addresses: readonly string[];
}

/** Block storage owned by another system, reached by protocol and connection. Its life is not ours: never created or deleted here. */
export interface RemoteVolumes {
  initiator(host: HostId, options?: CallOptions): Promise<HostInitiator>;
  /** Attaches; the same connection again returns that disk. Errors: as `disks.attach`, and `ACCESS.DENIED`, `POOL.UNAVAILABLE` (target unreachable). */
  attach(
    machine: MachineId,
    connection: RemoteConnection,
    disk: Omit<DiskSpec, 'volume'>,
    options?: CallOptions,
  ): Promise<Disk>;
  /**
   * Attaches a disk that lies in a pool but is not ours; the same object again returns that disk. It has no `volume`.
   * Errors: as `disks.attach`, and `POOL.NOT_FOUND`, `VOLUME.NOT_FOUND`. Capability `poolObject`.
   */
  attachObject?(
    machine: MachineId,
    object: PoolObject,
    disk: Omit<DiskSpec, 'volume'>,
    options?: CallOptions,
  ): Promise<Disk>;
  /** Detaches and closes the connection when nobody else on the host uses it. Detaching what is not there succeeds. */
  detach(machine: MachineId, disk: DiskId, options?: CallOptions): Promise<void>;
  /** Tells a running guest the new size after the owner grew the volume. */
  extend?(machine: MachineId, disk: DiskId, sizeBytes: Bytes, options?: CallOptions): Promise<Disk>;
  /** Copies onto another connection while the guest runs and continues there; after a failure it is as before. */
  swap?(machine: MachineId, disk: DiskId, to: RemoteConnection, options?: CallOptions): Promise<Task<Disk>>;
}
