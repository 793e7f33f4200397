import {
  DriverError,
  taskId,
  type CallOptions,
  type CapabilityName,
  type MachineId,
  type Task,
  type TaskProgress,
} from '@virt-drivers/core';
import { createTask, type Interruption } from '@virt-drivers/core/kit';
import { checkIdle, findMachine } from './world/find.js';
import { tell } from './world/journal.js';
import { nextId, type Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';
import type { World } from './world/world.js';

/** Who asks: an account that may do everything, or one that reads only the machines that it made. */
export type Account = 'full' | 'low';

/** One connection to a world: what every facet gets. */
export interface MemorySession {
  readonly world: World;
  readonly account: Account;
  /** Aborts with the error for calls under way when the connection breaks or the session ends. */
  readonly connection: () => AbortSignal;
  /** Breaks the connection; the next call has a new one. */
  drop(): void;
  look: World['look'];
  change: World['change'];
  /** As `World.until`, ending also with the connection. */
  until<T>(see: (scene: Scene) => T | undefined, options: CallOptions, about?: Interruption): Promise<T>;
  /** The machine if this account may read it: else `MACHINE.NOT_FOUND` or `ACCESS.DENIED`. */
  machine(scene: Scene, id: MachineId): MachineEntry;
  /** The same, if nobody else works on it now: else `MACHINE.BUSY`. */
  idle(scene: Scene, id: MachineId): MachineEntry;
  /** False where the target or an option took the capability away. */
  has(capability: CapabilityName): boolean;
  /** `CAPABILITY.ABSENT` where the target or an option took the capability away. */
  need(capability: CapabilityName): void;
  /** Starts work that the world goes on with even when this session ends. */
  startTask<T>(work: (report: (progress: TaskProgress) => void, signal: AbortSignal) => Promise<T>): Promise<Task<T>>;
  /** Has this closed with the session; returns the function that lets go of it. */
  own(close: () => Promise<void>): () => void;
  close(): Promise<void>;
}

const connectionLost = (): DriverError =>
  new DriverError('HOST.CONNECTION_LOST', 'Connection to the world was lost; look at the state and call again.');

const sessionClosed = (): DriverError =>
  new DriverError('DRIVER.CLOSED', 'Session was closed while the call was under way; open the driver again.');

/** True when the account may read the machine. */
export const mayRead = (account: Account, { madeByLow }: MachineEntry): boolean => account === 'full' || madeByLow;

function readable(account: Account, scene: Scene, id: MachineId): MachineEntry {
  const machine = findMachine(scene, id);
  if (mayRead(account, machine)) return machine;
  throw new DriverError(
    'ACCESS.DENIED',
    `Machine ${id} may not be read by this account; ask for the privilege machines.read-all.`,
    {
      subject: id,
      missingPrivilege: 'machines.read-all',
    },
  );
}

function checkThere(without: ReadonlySet<CapabilityName>, capability: CapabilityName): void {
  if (!without.has(capability)) return;
  throw new DriverError(
    'CAPABILITY.ABSENT',
    `Capability ${capability} is not there on this endpoint; see the narrowings of the driver.`,
    {
      subject: capability,
    },
  );
}

/** Opens a connection to a world. */
export function createSession(world: World, account: Account, without: ReadonlySet<CapabilityName>): MemorySession {
  let controller = new AbortController();
  const leave = world.enter();
  const owned = new Set<() => Promise<void>>();

  const startTask: MemorySession['startTask'] = async (work) => {
    const id = taskId(
      await world.change((scene) => {
        const text = nextId(scene, 'task');
        tell(scene, { kind: 'task-changed', task: taskId(text) });
        return text;
      }),
    );
    // A task needs the world's time even when nobody else is there.
    const leaveTask = world.enter();
    const task = createTask({ id, run: work });
    world.tasks.add(task);
    const ended = (): Promise<void> =>
      world.change((scene) => tell(scene, { kind: 'task-changed', task: id })).finally(leaveTask);
    task
      .result()
      .then(ended, ended)
      .catch(() => undefined);
    return task;
  };

  return {
    world,
    account,
    connection: () => controller.signal,
    drop() {
      const broken = controller;
      controller = new AbortController();
      broken.abort(connectionLost());
    },
    look: world.look,
    change: world.change,
    async until(see, options, about) {
      const { signal } = controller;
      const both = options.signal ? AbortSignal.any([options.signal, signal]) : signal;
      try {
        return await world.until(see, { ...options, signal: both }, about);
      } catch (error) {
        throw signal.aborted && !options.signal?.aborted ? signal.reason : error;
      }
    },
    machine: (scene, id) => readable(account, scene, id),
    idle: (scene, id) => checkIdle(readable(account, scene, id)),
    has: (capability) => !without.has(capability),
    need: (capability) => checkThere(without, capability),
    startTask,
    own(close) {
      owned.add(close);
      return () => void owned.delete(close);
    },
    async close() {
      await Promise.all([...owned].map((close) => close()));
      controller.abort(sessionClosed());
      await leave();
    },
  };
}
