import type { CallOptions } from '../values/call.js';
import type { MachineId, VolumeId } from '../values/identifiers.js';
import type { Secret } from '../values/secret.js';
import type { BlankVolume, Volume } from './volumes.js';

/** Keeping content secret from the storage. Keys are handed over per call and never stored by the driver. */
export interface Encryption {
  /** Makes an encrypted volume of zeros. Errors as `volumes.create`. */
  createVolume?(volume: BlankVolume, key: Secret, options?: CallOptions): Promise<Volume>;
  /**
   * Gives the hypervisor the key of a volume for as long as machines use it; ephemeral where the hypervisor allows.
   * Errors: `VOLUME.NOT_FOUND`, `ACCESS.DENIED` (wrong key, where it can be checked).
   */
  unlockVolume?(volume: VolumeId, key: Secret, options?: CallOptions): Promise<void>;
  /** Takes the key back. Errors: `VOLUME.IN_USE`. Locking a locked volume succeeds. */
  lockVolume?(volume: VolumeId, options?: CallOptions): Promise<void>;
  /** Adds a virtual TPM 2.0 to a stopped machine, or removes it with its state. Both may be repeated. */
  setTpm?(machine: MachineId, present: boolean, options?: CallOptions): Promise<void>;
  /** Encrypts a stopped machine's memory at run time, where the processor can. */
  setMemoryEncryption?(machine: MachineId, enabled: boolean, options?: CallOptions): Promise<void>;
}
