import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { readProperty } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import type { Call } from '../soap/call.js';
import { child, textOf, type Element } from '../xml/element.js';

/** What the made-up guest says to whoever comes, and answers to whatever is typed. */
const GREETING = 'GUEST: ready\r\n';
const PROMPT = 'GUEST: login: ';

interface Line {
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

/**
 * Serial ports that hosts listen for, on 127.0.0.1, while their machine has power: the simulators have none. A machine
 * with a disk has a guest that asks who is there; others are silent. A port has one connection at a time: the newest.
 */
export function serialLines(upstream: Upstream): { readonly handler: Handler; close(): void } {
  const lines = new Map<string, Line>();

  async function connectMachine(call: Call): Promise<void> {
    if (lines.has(call.self.value)) return;
    const devices = await readProperty(upstream, call, call.self, 'config.hardware.device').catch(() => undefined);
    const port = devices?.children.flatMap(portOf)[0];
    if (port === undefined) return;
    const hasGuest = devices?.children.some(({ dataType }) => dataType?.name === 'VirtualDisk') ?? false;
    const line = await listen(port, hasGuest);
    if (line) lines.set(call.self.value, line);
  }

  function disconnect(machine: string): void {
    const line = lines.get(machine);
    lines.delete(machine);
    line?.server.close();
    line?.sockets.forEach((socket) => socket.destroy());
  }

  return {
    close: () => [...lines.keys()].forEach(disconnect),
    async handler(call, next) {
      const answer = await next(call);
      if (call.method === 'PowerOnVM_Task') await connectMachine(call);
      if (/^(PowerOffVM_Task|SuspendVM_Task|ShutdownGuest|Destroy_Task|UnregisterVM)$/.test(call.method))
        disconnect(call.self.value);
      return answer;
    },
  };
}

function portOf(device: Element): readonly number[] {
  const backing = child(device, 'backing');
  if (backing?.dataType?.name !== 'VirtualSerialPortURIBackingInfo') return [];
  if (textOf(backing, 'direction') !== 'server') return [];
  const [, port] = /^tcp:\/\/[^/]*:(\d+)$/.exec(textOf(backing, 'serviceURI') ?? '') ?? [];
  return port === undefined ? [] : [Number(port)];
}

/** Undefined where the port is taken, as on a host: the machine runs without its serial port then. */
async function listen(port: number, hasGuest: boolean): Promise<Line | undefined> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.forEach((other) => other.destroy());
    sockets.add(socket);
    if (hasGuest) socket.write(GREETING);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      if (hasGuest) socket.write(PROMPT);
    });
  });
  // The proxy itself is what keeps a process alive.
  server.unref().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => ({ server, sockets }),
    () => undefined,
  );
}
