import type { CallOptions } from '../values/call.js';
import type { MachineId } from '../values/identifiers.js';

/** A directory of the host that a guest may mount. */
export interface Share {
  /** What the guest mounts: 1 to 36 characters of `[A-Za-z0-9_-]`, unique within the machine. */
  readonly tag: string;
  /** Absolute path on the host. */
  readonly hostPath: string;
  readonly readOnly: boolean;
}

/** Directories of the host inside machines. */
export interface Shares {
  list(machine: MachineId, options?: CallOptions): Promise<readonly Share[]>;
  /** Attaching an equal share succeeds; the same tag with another path is `REQUEST.CONFLICT`. */
  attach(machine: MachineId, share: Share, options?: CallOptions): Promise<void>;
  /** Detaching what is not there succeeds. */
  detach(machine: MachineId, tag: string, options?: CallOptions): Promise<void>;
}
