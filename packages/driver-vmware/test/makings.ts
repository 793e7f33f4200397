import { mebibytes, type Machine, type NewVolume, type OpenDriver, type Volume } from '@virt-drivers/core';
import { placeOn, plainSpec } from './lifecycle.js';

/** What a test makes. All of it goes when the test has ended, the last first. */
export interface Makings {
  /** Has this done when the test has ended. */
  later(end: () => Promise<unknown>): void;
  /** A disk of 2 MiB in the first pool. */
  volume(name: string, more?: Partial<NewVolume>): Promise<Volume>;
  /** A stopped machine with these as its disks. */
  machine(name: string, ...disks: readonly Volume[]): Promise<Machine>;
  removeAll(): Promise<void>;
}

/** For `afterEach` to remove. */
export function makingsOf(driver: OpenDriver): Makings {
  const { machines, volumes } = driver;
  const ends: (() => Promise<unknown>)[] = [];
  return {
    later: (end) => void ends.push(end),
    async volume(name, more = {}) {
      const { pool } = await placeOn(driver);
      const volume = await volumes.create({ pool, name, sizeBytes: mebibytes(2), ...more });
      ends.push(() => volumes.delete(volume.id));
      return volume;
    },
    async machine(name, ...disks) {
      const machine = await machines.create(plainSpec(name, { disks: disks.map(({ id }) => ({ volume: id })) }));
      ends.push(() => machines.delete(machine.id, { kill: true }));
      return machine;
    },
    async removeAll() {
      for (const end of ends.splice(0).reverse()) await end();
    },
  };
}
