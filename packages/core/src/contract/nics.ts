import type { CallOptions } from '../values/call.js';
import type { MachineId, NetworkId, NicId } from '../values/identifiers.js';
import type { BitsPerSecond } from '../values/quantity.js';

/** A nic to attach. */
export interface NicSpec {
  /** The segment; ids are in `hosts.inventory`. */
  readonly network: NetworkId;
  /** `aa:bb:cc:dd:ee:ff`, unicast; default: the driver chooses. */
  readonly macAddress?: string;
  /** `paravirtual` (default) or an emulated card that needs no special guest driver. */
  readonly model?: 'paravirtual' | 'emulated';
  /** Whether the cable is in; default true. Needs capability `nics.linkState` to be false. */
  readonly linkUp?: boolean;
  /** Ceilings as seen from the guest. */
  readonly limits?: NicLimits;
}

/** Upper limits of a nic. Absent: unlimited. A driver rounds up to what it can keep, and tells the result. */
export interface NicLimits {
  readonly receive?: BitsPerSecond;
  readonly send?: BitsPerSecond;
}

/** A nic of a machine. */
export interface Nic {
  readonly id: NicId;
  readonly network: NetworkId;
  readonly macAddress: string;
  readonly model: 'paravirtual' | 'emulated';
  readonly linkUp: boolean;
  readonly limits?: NicLimits;
}

/** Attaching machines to networks. */
export interface Nics {
  /**
   * Attaches a nic, at once and for good. With an address that this machine's nic has already: that nic when all is
   * equal, else `NIC.CONFLICT`. Without an address every call makes a new nic.
   * Errors: `MACHINE.NOT_FOUND`, `NETWORK.NOT_FOUND`, `NIC.CONFLICT`, `NIC.LIMIT_REACHED`, `CAPABILITY.CONDITION_UNMET`.
   */
  attach(machine: MachineId, nic: NicSpec, options?: CallOptions): Promise<Nic>;
  /** Detaches a nic. Detaching one that is not there succeeds. Errors: `MACHINE.NOT_FOUND`. */
  detach(machine: MachineId, nic: NicId, options?: CallOptions): Promise<void>;
  /** Puts the cable in or out, also while running. Errors: `MACHINE.NOT_FOUND`, `NIC.NOT_FOUND`. */
  setLink?(machine: MachineId, nic: NicId, linkUp: boolean, options?: CallOptions): Promise<Nic>;
  /** Sets limits, also while running. `{}` removes them. Errors: `MACHINE.NOT_FOUND`, `NIC.NOT_FOUND`. */
  setLimits?(machine: MachineId, nic: NicId, limits: NicLimits, options?: CallOptions): Promise<Nic>;
}
