import {
  type CallOptions,
  type Machine,
  type MachineId,
  type MachineSpec,
  type OpenDriver,
  type Volume,
  type VolumeId,
} from '@virt-drivers/core';
import { GUEST_SAYS, type TestGuest } from '../guest/test-guest.js';
import type { Hearing } from './hearing.js';
import type { Ledger } from './ledger.js';
import type { Names } from './names.js';
import type { Place } from './place.js';
import type { Tail } from './tail.js';
import type { Things } from './things.js';

/** A machine in which the test guest is up. */
export interface RunningGuest {
  readonly machine: Machine;
  /** Lines that it prints, read up to `ready`. Ends at once where the endpoint has no way to hear a guest. */
  readonly says: Tail<string> | undefined;
}

/** Boots the test guest. */
export interface Guests {
  /** A volume that the guest boots from. */
  rootVolume(): Promise<Volume>;
  /** A stopped machine with the guest's root disk first. */
  guestMachine(changes?: Partial<MachineSpec>): Promise<Machine>;
  /** Starts a machine with the guest; resolves to what it says, read up to `ready`. */
  boot(id: MachineId): Promise<Tail<string> | undefined>;
  /** A running guest that has said that it is ready. */
  runningGuest(changes?: Partial<MachineSpec>): Promise<RunningGuest>;
  /**
   * A running guest that several cases use one after the other, because booting takes time. Whoever uses it leaves it
   * running and as it was.
   */
  sharedGuest(): Promise<RunningGuest>;
  /** Ends the shared guest, for cases that need a host on which nothing runs. The next who wants it gets a new one. */
  releaseSharedGuest(): Promise<void>;
}

/** What lives longer than one case: the imported image, and the shared guest. */
export interface GuestShelf {
  readonly guest: TestGuest;
  readonly ledger: Ledger;
  image: VolumeId | undefined;
  shared: Machine | undefined;
}

interface Around {
  readonly driver: OpenDriver;
  readonly place: Place;
  readonly names: Names;
  readonly ledger: Ledger;
  readonly call: CallOptions;
  readonly things: Things;
  readonly hearing: Hearing;
  readonly shelf: GuestShelf;
}

const says = (pattern: RegExp) => (line: string) => pattern.test(line);

async function importImage({ driver, place, names, shelf, call }: Around, ledger: Ledger): Promise<Volume> {
  if (!driver.volumes.createFromContent)
    throw new Error('The endpoint cannot take the guest image: it lacks volumes.fromContent.');
  const request = { pool: place.pool.id, name: names.next('guest'), content: shelf.guest.image };
  const volume = await (await driver.volumes.createFromContent(request, call)).result(call);
  ledger.volume(volume.id);
  return volume;
}

async function copyImage(around: Around, source: VolumeId, mode: 'linked' | 'full', ledger: Ledger): Promise<Volume> {
  const { driver, place, names, call } = around;
  if (!driver.volumes.createFromVolume) return importImage(around, ledger);
  const task = await driver.volumes.createFromVolume(
    { pool: place.pool.id, name: names.next('root'), source, mode },
    call,
  );
  const volume = await task.result(call);
  ledger.volume(volume.id);
  return volume;
}

async function rootVolume(around: Around, ledger = around.ledger): Promise<Volume> {
  const { driver, shelf } = around;
  if (driver.supports('volumes.fromVolume') === undefined) return importImage(around, ledger);
  shelf.image ??= (await importImage(around, shelf.ledger)).id;
  return copyImage(
    around,
    shelf.image,
    driver.supports('volumes.linkedClone') === undefined ? 'full' : 'linked',
    ledger,
  );
}

async function boot({ driver, hearing, call }: Around, id: MachineId): Promise<Tail<string> | undefined> {
  await driver.power.start(id, call);
  const lines = await hearing.listen(id);
  const what = 'the guest to say that it is ready (was its image given with --guest-image?)';
  await lines?.next(what, says(GUEST_SAYS.ready));
  return lines;
}

async function bootAndRead(around: Around, { id }: Machine): Promise<RunningGuest> {
  const lines = await boot(around, id);
  return { machine: await around.driver.machines.get(id, around.call), says: lines };
}

async function shareGuest(around: Around): Promise<RunningGuest> {
  const { driver, shelf, things, hearing, call, place } = around;
  if (shelf.shared) {
    const machine = await driver.machines.get(shelf.shared.id, call);
    const lines = await hearing.listen(machine.id);
    if (driver.consoles?.log) await lines?.next('the guest to have said that it is ready', says(GUEST_SAYS.ready));
    return { machine, says: lines };
  }
  const { id } = await rootVolume(around, shelf.ledger);
  const network = place.networks[0];
  const nics = network === undefined ? [] : [{ network }];
  const spec = things.spec({ memory: { sizeBytes: shelf.guest.memoryBytes }, disks: [{ volume: id }], nics });
  const made = await driver.machines.create(spec, call);
  shelf.ledger.machine(made.id);
  const running = await bootAndRead(around, made);
  shelf.shared = running.machine;
  return running;
}

/** Guests for one case. */
export function createGuests(around: Around): Guests {
  const { things, shelf } = around;
  const guestMachine: Guests['guestMachine'] = async (changes = {}) => {
    const { id } = await rootVolume(around);
    const disks = [{ volume: id }, ...(changes.disks ?? [])];
    return things.machine({ memory: { sizeBytes: shelf.guest.memoryBytes }, ...changes, disks });
  };
  return {
    rootVolume: () => rootVolume(around),
    guestMachine,
    boot: (id) => boot(around, id),
    runningGuest: async (changes) => bootAndRead(around, await guestMachine(changes)),
    sharedGuest: () => shareGuest(around),
    async releaseSharedGuest() {
      const { shared } = shelf;
      shelf.shared = undefined;
      if (shared) await around.driver.machines.delete(shared.id, { kill: true }, around.call);
    },
  };
}
