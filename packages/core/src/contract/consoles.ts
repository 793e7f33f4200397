import type { CallOptions } from '../values/call.js';
import type { MachineId } from '../values/identifiers.js';
import type { Secret } from '../values/secret.js';

/**
 * How a viewer reaches a machine's screen.
 *
 * CONTRACT question 17 (what is a console?): an endpoint by protocol with credentials and expiry for screens, an
 * attached duplex stream for serial ports, and the log apart from both.
 * Proven by: `consoles/serial-attaches`, `consoles/vnc-endpoint`, `consoles/log-has-output`.
 */
export type ConsoleEndpoint =
  | {
      readonly protocol: 'vnc' | 'spice';
      readonly host: string;
      readonly port?: number;
      readonly tlsPort?: number;
      readonly password?: Secret;
      readonly expiresAt?: Date;
    }
  | {
      readonly protocol: 'rdp';
      readonly host: string;
      readonly port: number;
      /** Names the machine to the host's listener. */
      readonly preconnection: string;
      readonly expiresAt?: Date;
    }
  | {
      readonly protocol: 'mks';
      readonly url: string;
      readonly ticket: Secret;
      readonly thumbprint?: string;
      readonly expiresAt?: Date;
    };

/** Both directions of a serial port. Owned by the caller: `close` it. */
export interface SerialConsole {
  /** What the guest writes. Ends when the machine stops or the console is taken over. The reader's pace is the pace. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Sends input to the guest; resolves when the bytes were handed over. */
  write(data: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Screens, serial ports and their log. */
export interface Consoles {
  /**
   * Attaches to the first serial port of a running machine. `takeOver` ends another's attachment, otherwise that is
   * `CONSOLE.IN_USE`. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `CONSOLE.UNAVAILABLE` (no serial port).
   */
  serial?(id: MachineId, request?: { readonly takeOver?: boolean }, options?: CallOptions): Promise<SerialConsole>;
  /** A screen of a running machine. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `CONSOLE.UNAVAILABLE`. */
  vnc?(id: MachineId, options?: CallOptions): Promise<ConsoleEndpoint & { readonly protocol: 'vnc' }>;
  /** See `vnc`. */
  spice?(id: MachineId, options?: CallOptions): Promise<ConsoleEndpoint & { readonly protocol: 'spice' }>;
  /** See `vnc`. */
  rdp?(id: MachineId, options?: CallOptions): Promise<ConsoleEndpoint & { readonly protocol: 'rdp' }>;
  /** See `vnc`. */
  mks?(id: MachineId, options?: CallOptions): Promise<ConsoleEndpoint & { readonly protocol: 'mks' }>;
  /**
   * What the first serial port printed, from the oldest kept byte; with `follow` it goes on until the iteration is left
   * or the machine is gone. Works for stopped machines too. Errors: `MACHINE.NOT_FOUND`, `CONSOLE.UNAVAILABLE`.
   */
  log?(id: MachineId, request?: { readonly follow?: boolean }, options?: CallOptions): AsyncIterable<Uint8Array>;
}
