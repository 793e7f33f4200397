import type { CapabilityName } from '@virt-drivers/core';
import type { Bench } from './bench/bench.js';

/**
 * One promise of the contract and how it is checked. Cases are data: nothing in them knows a test runner or a driver,
 * and only the manifest (narrowed by the endpoint) decides whether one applies.
 */
export interface ConformanceCase {
  /** `<group>/<what-must-hold>`: public, never renamed and never used for something else. */
  readonly id: string;
  /** What must hold, as one sentence. */
  readonly title: string;
  /** The case applies where the endpoint has all of these. Empty: it applies to every driver. */
  readonly requires: readonly CapabilityName[];
  /** The case applies where the endpoint has none of these: what is not claimed must be refused or absent. */
  readonly lacks?: readonly CapabilityName[];
  /** The case boots the test guest and listens to it. */
  readonly needsGuest?: boolean;
  /** Time it may take on a real hypervisor that emulates its processors. */
  readonly deadlineSeconds: number;
  run(bench: Bench): Promise<void>;
}
