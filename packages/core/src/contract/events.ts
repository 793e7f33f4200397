import type { CallOptions } from '../values/call.js';
import type { DiskId, HostId, MachineId, PoolId, TaskId } from '../values/identifiers.js';
import type { NativeDetail } from '../values/native-detail.js';
import type { MachineState } from './machines.js';

interface EventBase {
  /** Where this event stands; hand it to `watch({ since })`. Opaque. */
  readonly cursor: string;
  /** When the endpoint says that it happened, else when it was received; `timeSource` tells which. */
  readonly at: Date;
  readonly timeSource: 'endpoint' | 'received';
  readonly native?: NativeDetail;
}

/** Something that happened. Consumers ignore kinds that they do not know: new ones may come in a minor version. */
export type DriverEvent = EventBase &
  (
    | {
        /** A machine appeared, changed its definition, or is gone. */
        readonly kind: 'machine-created' | 'machine-updated' | 'machine-deleted' | 'machine-rebooted';
        readonly machine: MachineId;
      }
    | {
        readonly kind: 'machine-state';
        readonly machine: MachineId;
        readonly state: MachineState;
        readonly reason: 'requested' | 'guest' | 'crashed' | 'io-error' | 'migrated' | 'host' | 'unknown';
      }
    | { readonly kind: 'disk-detached' | 'disk-error'; readonly machine: MachineId; readonly disk?: DiskId }
    | { readonly kind: 'guest-agent'; readonly machine: MachineId; readonly connected: boolean }
    | { readonly kind: 'host-state'; readonly host: HostId; readonly state: 'ready' | 'maintenance' | 'unreachable' }
    | { readonly kind: 'pool-changed'; readonly pool: PoolId }
    | { readonly kind: 'task-changed'; readonly task: TaskId }
    | {
        /** Continuity was lost: events may be missing before this point. Read again what you hold. */
        readonly kind: 'resync';
        readonly reason: 'overflow' | 'connection' | 'expired';
      }
  );

/** Where to start watching. */
export interface WatchRequest {
  /** Cursor of the last event that was handled; without it, from now. */
  readonly since?: string;
  /** How many undelivered events may wait before the oldest are given up and `resync` says so; default 10,000. */
  readonly capacity?: number;
}

/**
 * What happens on the endpoint, in order, never lost silently.
 *
 * CONTRACT question 15 (events after a gap?): `watch({ since })` continues where capability `events.resume` is present;
 * wherever continuity cannot be kept the first thing that comes is `resync`, and the consumer lists again.
 * Proven by: `events/lifecycle-is-seen-in-order`, `events/since-unknown-cursor-resyncs`, `events/overflow-resyncs`.
 */
export interface Events {
  /**
   * Watches until the iteration is left, the signal aborts (ends without error) or the connection is lost for good
   * (throws `HOST.CONNECTION_LOST`). Resolves once watching is active: what happens after that is seen.
   */
  watch(request?: WatchRequest, options?: CallOptions): Promise<AsyncIterableIterator<DriverEvent>>;
}
