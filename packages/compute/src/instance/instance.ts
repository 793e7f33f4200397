import type { Machine } from '@virt-drivers/core';
import type { InstanceRecord } from './record.js';

/** An instance: the machine that it owns, and its record. */
export interface Instance {
  readonly instanceId: string;
  readonly machine: Machine;
  readonly record: InstanceRecord;
}

/** An instance as lists show it: without its record, which takes a call each. */
export interface InstanceSummary {
  readonly instanceId: string;
  readonly machine: Machine;
}
