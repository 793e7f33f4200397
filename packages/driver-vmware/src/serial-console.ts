import {
  DriverError,
  isDriverError,
  type CallOptions,
  type Consoles,
  type MachineId,
  type SerialConsole,
} from '@virt-drivers/core';
import { withDeadline } from '@virt-drivers/core/kit';
import type { Reference } from '@virt-drivers/vsphere';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { serialPortOf } from './convert/serial-port.js';
import type { VmwareSession } from './session.js';

/** Attachments to serial ports, and their common end. */
export interface SerialConsoles {
  readonly attach: NonNullable<Consoles['serial']>;
  /** Ends all of them. */
  close(): void;
}

const CONNECT_WITHIN = { seconds: 20 };

/** Serial ports of running machines, by the ports that their hosts listen on. One attachment to each machine. */
export function createSerialConsoles(session: VmwareSession): SerialConsoles {
  const attached = new Map<MachineId, Socket>();

  async function attach(id: MachineId, takeOver: boolean, options: CallOptions): Promise<SerialConsole> {
    const { machine, devices, ref } = await session.machines.view(id, options);
    if (machine.state !== 'running')
      throw new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${machine.state}: its serial port is silent.`, {
        subject: id,
      });
    const port = serialPortOf(devices);
    if (port === undefined) throw unavailable(id, 'has no serial port that its host listens for');
    const other = attached.get(id);
    if (other && !takeOver)
      throw new DriverError('CONSOLE.IN_USE', `Machine ${id} has a console attached. Take it over, or close it.`, {
        subject: id,
      });
    await ended(other);
    const socket = await open(id, await managementAddress(session, id, ref, options), port, options);
    attached.set(id, socket);
    socket.on('close', () => {
      if (attached.get(id) === socket) attached.delete(id);
    });
    return consoleOf(socket);
  }

  return {
    attach: (id, { takeOver = false } = {}, options = {}) =>
      session.locks.run(`serial/${id}`, options, () => attach(id, takeOver, options)),
    close: () => attached.forEach((socket) => socket.destroy()),
  };
}

async function ended(socket: Socket | undefined): Promise<void> {
  if (!socket || socket.closed) return;
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
}

async function open(id: MachineId, host: string, port: number, options: CallOptions): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  // What breaks a console ends its output; nobody waits for the error as such.
  socket.on('error', () => undefined);
  try {
    await withDeadline(options, CONNECT_WITHIN, ({ signal }) => once(socket, 'connect', { signal }), {
      what: `Console of machine ${id}`,
      stateAfter: 'unchanged',
    });
    return socket;
  } catch (error) {
    socket.destroy();
    if (isDriverError(error)) throw error;
    throw unavailable(id, `cannot be reached at ${host}:${port}; its host's firewall must let serial ports in`, error);
  }
}

const consoleOf = (socket: Socket): SerialConsole => ({
  output: outputOf(socket),
  write: (data) =>
    new Promise((resolve, reject) => {
      socket.write(data, (error) => (error ? reject(overError(error)) : resolve()));
    }),
  close: () => ended(socket),
});

async function* outputOf(socket: Socket): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of socket) yield chunk;
  } catch {
    // The end of the machine, or of the attachment.
  }
}

/** The address that the host is managed at: its serial ports are reached there, whatever its name is. */
async function managementAddress(
  { center }: VmwareSession,
  id: MachineId,
  machine: Reference<'VirtualMachine'>,
  options: CallOptions,
): Promise<string> {
  const about = { what: `Host of machine ${id}`, subject: id, reads: true } as const;
  const found = await center.call(about, options, async (vsphere, call) => {
    const { 'runtime.host': host } = await vsphere.properties.get(machine, ['runtime.host'], call);
    if (!host) return undefined;
    const path = 'config.virtualNicManagerInfo.netConfig';
    const { [path]: uses, name } = await vsphere.properties.get(host, [path, 'name'], call);
    const management = uses?.find(({ nicType }) => nicType === 'management');
    const selected = new Set(management?.selectedVnic);
    return management?.candidateVnic?.find(({ key }) => selected.has(key))?.spec.ip?.ipAddress ?? name;
  });
  if (found !== undefined) return found;
  throw unavailable(id, 'is on a host whose address nobody tells');
}

const unavailable = (id: string, what: string, cause?: unknown): DriverError =>
  new DriverError('CONSOLE.UNAVAILABLE', `Machine ${id} ${what}.`, {
    subject: id,
    ...(cause !== undefined && { cause }),
  });

const overError = (cause: unknown): DriverError =>
  new DriverError(
    'CONSOLE.UNAVAILABLE',
    'Console has ended: the machine stopped, or somebody took it over. Attach again.',
    { cause },
  );
