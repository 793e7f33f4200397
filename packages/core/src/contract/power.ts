import type { CallOptions } from '../values/call.js';
import type { MachineId } from '../values/identifiers.js';
import type { MachineState } from './machines.js';

/**
 * Turning machines on and off.
 *
 * CONTRACT question 10 (stop, kill, reboot, reset?): `stop` and `reboot` ask the guest and never use force by
 * themselves; `kill` cuts power; `reset` pulls the reset line. Composing them (ask, wait, then force) is compute's work.
 * Proven by: `power/start-and-kill`, `power/stop-never-kills`, `power/reset-keeps-running`, `power/reboot-asks-the-guest`.
 */
export interface Power {
  /**
   * Starts a stopped machine; a saved one continues where it was saved. Starting a running machine succeeds and changes
   * nothing. Resolves when the machine runs (not when the guest is up).
   * Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (paused), `MACHINE.BUSY`, `HOST.NOT_ENOUGH_RESOURCES`.
   */
  start(id: MachineId, options?: CallOptions): Promise<void>;
  /**
   * Asks the guest to shut down and waits until `options.deadline` (default 60 s from now).
   * Resolves to the state reached: `stopped`, or `running` when the guest did not react; never kills. Stopping a
   * stopped machine resolves to `stopped`.
   * Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE` (paused, saved), `GUEST.UNAVAILABLE` when it cannot even be asked.
   */
  stop?(id: MachineId, options?: CallOptions): Promise<MachineState>;
  /** Cuts power. Also ends a paused machine. Killing a stopped machine succeeds. Errors: `MACHINE.NOT_FOUND`. */
  kill(id: MachineId, options?: CallOptions): Promise<void>;
  /** Pulls the reset line of a running machine; it stays running throughout. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
  reset?(id: MachineId, options?: CallOptions): Promise<void>;
  /**
   * Asks the guest to reboot and resolves when the request was delivered; the `machine-rebooted` event tells when it
   * happened. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `GUEST.UNAVAILABLE`.
   */
  reboot?(id: MachineId, options?: CallOptions): Promise<void>;
}
