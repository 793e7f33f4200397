import {
  mebibytes,
  type BlankVolume,
  type CallOptions,
  type Machine,
  type MachineSpec,
  type OpenDriver,
  type Volume,
} from '@virt-drivers/core';
import { contentOf } from './contents.js';
import type { Ledger } from './ledger.js';
import type { Names } from './names.js';
import type { Place } from './place.js';

/** Makes what cases need; whatever it makes is taken away after the case. */
export interface Things {
  /** A specification that every driver can fulfil, changed as given. */
  spec(changes?: Partial<MachineSpec>): MachineSpec;
  /** A stopped machine: one processor, 64 MiB, no disk, no nic, unless said otherwise. */
  machine(changes?: Partial<MachineSpec>): Promise<Machine>;
  /** The same, running. Nothing boots in it. */
  runningMachine(changes?: Partial<MachineSpec>): Promise<Machine>;
  /** A blank volume of 1 MiB in the chosen pool, unless said otherwise. */
  volume(changes?: Partial<BlankVolume>): Promise<Volume>;
  /** A volume with this content. Needs `volumes.fromContent`. */
  volumeWith(data: Uint8Array, changes?: Partial<BlankVolume>): Promise<Volume>;
}

interface Around {
  readonly driver: OpenDriver;
  readonly place: Place;
  readonly names: Names;
  readonly ledger: Ledger;
  readonly call: CallOptions;
}

/** Makers for one case. */
export function createThings({ driver, place, names, ledger, call }: Around): Things {
  const spec: Things['spec'] = (changes = {}) => ({
    name: names.next('machine'),
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(64) },
    boot: { firmware: 'bios' },
    disks: [],
    nics: [],
    ...changes,
  });
  const machine: Things['machine'] = async (changes) => {
    const made = await driver.machines.create(spec(changes), call);
    ledger.machine(made.id);
    return made;
  };
  const kept = (made: Volume): Volume => {
    ledger.volume(made.id);
    return made;
  };
  return {
    spec,
    machine,
    async runningMachine(changes) {
      const { id } = await machine(changes);
      await driver.power.start(id, call);
      return driver.machines.get(id, call);
    },
    volume: async (changes = {}) =>
      kept(
        await driver.volumes.create(
          { pool: place.pool.id, name: names.next('volume'), sizeBytes: mebibytes(1), ...changes },
          call,
        ),
      ),
    async volumeWith(data, changes = {}) {
      if (!driver.volumes.createFromContent)
        throw new Error('The case uses content but does not require volumes.fromContent.');
      const content = contentOf(data);
      const task = await driver.volumes.createFromContent(
        { pool: place.pool.id, name: names.next('volume'), ...changes, content },
        call,
      );
      return kept(await task.result(call));
    },
  };
}
