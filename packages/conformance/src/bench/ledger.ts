import { isDriverError, type CallOptions, type MachineId, type OpenDriver, type VolumeId } from '@virt-drivers/core';

/** Remembers everything that a case made, from the moment it is made, and takes it away again whatever happened. */
export interface Ledger {
  machine(id: MachineId): void;
  volume(id: VolumeId): void;
  /** Something else to end or undo, for example a console to close. */
  action(what: string, undo: () => unknown): void;
  /** Whether this machine or volume (by its key) is in the ledger. */
  holds(id: string): boolean;
  /** Takes everything back, latest first. Returns a sentence for each thing that could not be. */
  settle(options: CallOptions): Promise<readonly string[]>;
}

interface Entry {
  readonly what: string;
  readonly id?: string;
  readonly order: number;
  undo(options: CallOptions): unknown;
}

// Machines hold volumes, and consoles or watches hold machines: what holds goes first.
const ORDER = { action: 0, machine: 1, volume: 2 } as const;

/** A new, empty ledger for things on this endpoint. */
export function createLedger(driver: OpenDriver): Ledger {
  const entries: Entry[] = [];
  const add = (entry: Entry): void => void entries.unshift(entry);
  return {
    machine: (id) =>
      add({
        what: `machine ${id}`,
        id,
        order: ORDER.machine,
        undo: (call) => driver.machines.delete(id, { kill: true }, call),
      }),
    volume: (id) =>
      add({
        what: `volume ${id.key}`,
        id: id.key,
        order: ORDER.volume,
        undo: (call) => driver.volumes.delete(id, call),
      }),
    action: (what, undo) => add({ what, order: ORDER.action, undo }),
    holds: (id) => entries.some((entry) => entry.id === id),
    async settle(options) {
      const problems: string[] = [];
      for (const { what, undo } of entries.splice(0).sort((a, b) => a.order - b.order)) {
        try {
          await undo(options);
        } catch (error) {
          const why = isDriverError(error) ? `${error.code}: ${error.message}` : String(error);
          problems.push(`Cleaning up ${what} failed with ${why}`);
        }
      }
      return problems;
    },
  };
}
