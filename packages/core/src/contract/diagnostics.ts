import type { CallOptions } from '../values/call.js';
import type { DiskId, MachineId, NicId } from '../values/identifiers.js';
import type { Bytes, Nanoseconds } from '../values/quantity.js';

/** Counters since the machine started, at one moment; a counter that the hypervisor lacks is absent, never 0. */
export interface MachineCounters {
  readonly at: Date;
  readonly uptime?: Nanoseconds;
  readonly cpuTime?: Nanoseconds;
  readonly memoryUsedBytes?: Bytes;
  readonly disks: readonly {
    readonly disk: DiskId;
    readonly readBytes?: Bytes;
    readonly writtenBytes?: Bytes;
    readonly readOperations?: bigint;
    readonly writeOperations?: bigint;
    readonly errors?: bigint;
  }[];
  readonly nics: readonly {
    readonly nic: NicId;
    readonly receivedBytes?: Bytes;
    readonly sentBytes?: Bytes;
    readonly receivedPackets?: bigint;
    readonly sentPackets?: bigint;
    readonly dropped?: bigint;
  }[];
}

/** A picture of a screen. */
export interface Screenshot {
  readonly mediaType: 'image/png' | 'image/x-portable-pixmap' | 'image/jpeg';
  readonly data: Uint8Array;
}

/** Looking into machines. */
export interface Diagnostics {
  /** Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
  counters?(id: MachineId, options?: CallOptions): Promise<MachineCounters>;
  /** Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`, `CONSOLE.UNAVAILABLE` (no screen). */
  screenshot?(id: MachineId, options?: CallOptions): Promise<Screenshot>;
  /** Streams the guest's memory as a core file; the machine is paused meanwhile and continues afterwards. */
  crashDump?(id: MachineId, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** Sends the guest a non-maskable interrupt, on which it may dump itself. Errors: `MACHINE.NOT_FOUND`, `MACHINE.WRONG_STATE`. */
  interrupt?(id: MachineId, options?: CallOptions): Promise<void>;
}
