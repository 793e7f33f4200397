import { randomUUID } from 'node:crypto';
import { DriverError, type CallOptions, type FacetAs, type MachineId, type SerialConsole } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import { printedSince } from './guest/serial.js';
import { type } from './guest/terminal.js';
import type { MemorySession } from './session.js';
import { createScreens } from './screen/screens.js';
import { isAlive } from './world/file-lock.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';

function withPort(machine: MachineEntry): MachineEntry {
  if (machine.serialPort) return machine;
  throw new DriverError('CONSOLE.UNAVAILABLE', `Machine ${machine.id} has no serial port; create it with one.`, {
    subject: machine.id,
  });
}

/** Takes the port for `token`; returns where the output goes on from. */
function takePort(machine: MachineEntry, token: string, takeOver: boolean): number {
  const { serial } = withPort(machine);
  if (machine.state !== 'running' && machine.state !== 'paused') throw wrongState(machine, 'running');
  if (serial.holder && !takeOver && isAlive(serial.holder.process)) {
    throw new DriverError(
      'CONSOLE.IN_USE',
      `Serial port of machine ${machine.id} is in use; ask for takeOver, or wait.`,
      {
        subject: machine.id,
        heldBy: `process ${serial.holder.process}`,
      },
    );
  }
  serial.holder = { token, process: process.pid };
  return serial.start + serial.text.length;
}

interface Printed {
  readonly data: Uint8Array;
  readonly end: number;
  readonly isOver: boolean;
}

/** What is new on the port; undefined while nothing is and more may come. */
function printed(machine: MachineEntry | undefined, from: number, isOver: boolean): Printed | undefined {
  if (!machine) return { data: new Uint8Array(), end: from, isOver: true };
  const { data, end } = printedSince(machine, from);
  return data.length > 0 || isOver ? { data: Uint8Array.from(data), end, isOver } : undefined;
}

async function* read(
  session: MemorySession,
  start: number,
  see: (scene: Scene, from: number) => Printed | undefined,
  options: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let from = start; ; ) {
    const at = from;
    const { data, end, isOver } = await session.until((scene) => see(scene, at), options);
    from = end;
    if (data.length > 0) yield data;
    if (isOver) return;
  }
}

async function attach(session: MemorySession, id: MachineId, takeOver: boolean): Promise<SerialConsole> {
  const token = randomUUID();
  const start = await session.change((scene) => takePort(session.machine(scene, id), token, takeOver));
  const holds = ({ state }: Scene): boolean => state.machines[id]?.serial.holder?.token === token;
  const close = async (): Promise<void> => {
    disown();
    await session.change((scene) => {
      if (holds(scene)) delete scene.state.machines[id]?.serial.holder;
    });
  };
  const disown = session.own(close);
  return {
    output: read(session, start, (scene, from) => printed(scene.state.machines[id], from, !holds(scene)), {}),
    write: (data) =>
      session.change((scene) => {
        const machine = session.machine(scene, id);
        if (!holds(scene)) {
          throw new DriverError(
            'CONSOLE.UNAVAILABLE',
            `Serial port of machine ${id} is not attached any more; attach again.`,
            { subject: id },
          );
        }
        type(scene, machine, Buffer.from(data).toString('latin1'));
      }),
    close,
  };
}

async function* log(
  session: MemorySession,
  id: MachineId,
  follow: boolean,
  options: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = await session.look((scene) => withPort(session.machine(scene, id)).serial.start);
  yield* read(session, start, (scene, from) => printed(scene.state.machines[id], from, !follow), options);
}

/** Facet `consoles`. */
export function createConsoles(session: MemorySession): FacetAs<'consoles', typeof capabilities.consoles> {
  const screens = createScreens(session);
  return {
    serial: (id, { takeOver = false } = {}) => attach(session, id, takeOver),
    vnc: (id) => screens.open(id),
    log: (id, { follow = false } = {}, options = {}) => log(session, id, follow, options),
  };
}
