import type { CallOptions } from '../values/call.js';
import type { HostId, Identifier, MachineId } from '../values/identifiers.js';
import type { Listing } from '../values/listing.js';

/** Identity of a device of a host that can be handed to a machine. Stable while the device stays in its place. */
export type HostDeviceId = Identifier<'host-device'>;

/** A device of a host. */
export interface HostDevice {
  readonly id: HostDeviceId;
  readonly host: HostId;
  /** `pci`: a whole function. `mediated`: a slice made by the device's driver. `usb`: a device on a bus. */
  readonly kind: 'pci' | 'mediated' | 'usb';
  readonly name: string;
  /** Hexadecimal, four digits. */
  readonly vendorId?: string;
  /** Hexadecimal, four digits. */
  readonly productId?: string;
  readonly numaNode?: number;
  readonly attachedTo?: MachineId;
}

/** Handing devices of a host to machines. */
export interface Passthrough {
  list(host: HostId, options?: CallOptions): Listing<HostDevice>;
  /** Attaching an attached device succeeds. Errors: `REQUEST.CONFLICT` (another machine has it), `CAPABILITY.CONDITION_UNMET`, `MACHINE.NOT_FOUND`. */
  attach(machine: MachineId, device: HostDeviceId, options?: CallOptions): Promise<void>;
  /** Detaching a detached device succeeds. */
  detach(machine: MachineId, device: HostDeviceId, options?: CallOptions): Promise<void>;
}
