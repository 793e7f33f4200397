import type { CallOptions } from '../values/call.js';
import type { MachineId } from '../values/identifiers.js';
import type { Bytes } from '../values/quantity.js';
import type { Secret } from '../values/secret.js';

/** A network interface as the guest sees it. */
export interface GuestInterface {
  readonly name: string;
  readonly macAddress?: string;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
}

/** What the guest says of itself. */
export interface GuestInfo {
  readonly family: 'linux' | 'windows' | 'other';
  readonly osName?: string;
  readonly osVersion?: string;
  readonly hostname?: string;
  readonly agentVersion?: string;
  readonly fileSystems: readonly {
    readonly mountPoint: string;
    readonly type: string;
    readonly totalBytes?: Bytes;
    readonly usedBytes?: Bytes;
  }[];
}

/** A program to run in the guest. No shell: `path` is a file in the guest. */
export interface GuestCommand {
  readonly path: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** Longest output kept of each stream; default 1 MiB, the rest is dropped and `truncated` says so. */
  readonly outputLimitBytes?: Bytes;
  /** Account in the guest, where the hypervisor's channel asks for one. */
  readonly credentials?: { readonly user: string; readonly password: Secret };
}

/** How a program ended. */
export interface GuestCommandResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly truncated: boolean;
}

/** File systems of a guest at rest. Owned by the caller: `thaw` it; the hypervisor thaws by itself after a while. */
export interface QuietGuest {
  readonly frozenFileSystems: number;
  thaw(options?: CallOptions): Promise<void>;
}

/**
 * Speaking with the software inside a running machine. Everything here needs a helper in the guest; without it every call
 * gives `GUEST.UNAVAILABLE` (retryable: it may still be starting). All: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`.
 */
export interface Guest {
  /** Resolves when the helper answers. */
  ping?(id: MachineId, options?: CallOptions): Promise<void>;
  info?(id: MachineId, options?: CallOptions): Promise<GuestInfo>;
  network?(id: MachineId, options?: CallOptions): Promise<readonly GuestInterface[]>;
  /** Sets an account's password. Errors: `GUEST.REFUSED` (no such user). Not logged anywhere by the driver. */
  setPassword?(id: MachineId, user: string, password: Secret, options?: CallOptions): Promise<void>;
  /** Brings file systems to rest. Errors: `GUEST.REFUSED`. */
  quiesce?(id: MachineId, options?: CallOptions): Promise<QuietGuest>;
  /**
   * Runs a program to its end. Errors: `GUEST.REFUSED` (cannot be started, not allowed); `GUEST.UNAVAILABLE` that is not
   * retryable when the helper fell silent while it was asked: the program may run.
   */
  exec?(id: MachineId, command: GuestCommand, options?: CallOptions): Promise<GuestCommandResult>;
  readFile?(id: MachineId, path: string, options?: CallOptions): AsyncIterable<Uint8Array>;
  writeFile?(id: MachineId, path: string, content: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<void>;
}
