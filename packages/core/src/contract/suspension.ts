import type { CallOptions } from '../values/call.js';
import type { MachineId } from '../values/identifiers.js';

/** Halting a machine without shutting it down. */
export interface Suspension {
  /**
   * Halts the processors; memory stays on the host. Pausing a paused machine succeeds.
   * Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (not running). Proven by: `suspension/pause-and-resume`.
   */
  pause?(id: MachineId, options?: CallOptions): Promise<void>;
  /** Continues a paused machine. Resuming a running one succeeds. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
  resume?(id: MachineId, options?: CallOptions): Promise<void>;
  /**
   * Writes memory to storage and frees it: state `saved`. Saving a saved machine succeeds.
   * Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `POOL.FULL`. Proven by: `suspension/save-and-restore`.
   */
  save?(id: MachineId, options?: CallOptions): Promise<void>;
  /** Continues a saved machine where it was saved. Restoring a running one succeeds. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
  restore?(id: MachineId, options?: CallOptions): Promise<void>;
  /** Gives up the saved memory; the machine is `stopped`. Errors: `MACHINE.NOT_FOUND`. */
  discardSaved?(id: MachineId, options?: CallOptions): Promise<void>;
}
