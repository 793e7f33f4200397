import type { CallOptions } from '../values/call.js';
import type { HostId } from '../values/identifiers.js';
import type { Task } from '../values/task.js';

/** Taking hosts out of service. Never undoes what an administrator set by other means. */
export interface Maintenance {
  /**
   * Takes the host out of service: no new machines, and with `evacuate` (capability `maintenance.evacuate`) running ones
   * move away; without it running machines are `HOST.WRONG_STATE`. Entering twice succeeds.
   */
  enter(host: HostId, request?: { readonly evacuate?: boolean }, options?: CallOptions): Promise<Task<void>>;
  /** Puts it back to service. Leaving twice succeeds. */
  leave(host: HostId, options?: CallOptions): Promise<Task<void>>;
  /** Errors: `HOST.WRONG_STATE` unless in maintenance. */
  rebootHost?(host: HostId, options?: CallOptions): Promise<Task<void>>;
  /** Errors: `HOST.WRONG_STATE` unless in maintenance. */
  powerOffHost?(host: HostId, options?: CallOptions): Promise<Task<void>>;
}
