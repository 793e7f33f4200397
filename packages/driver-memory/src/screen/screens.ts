import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { ConsoleEndpoint, MachineId } from '@virt-drivers/core';
import { wrongState } from '../errors.js';
import type { MemorySession } from '../session.js';
import type { Scene } from '../world/scene.js';
import { pictureOf } from './picture.js';
import { serveViewer } from './vnc-connection.js';

/** The screens that a session serves, one listener for each machine. */
export interface Screens {
  open(id: MachineId): Promise<ConsoleEndpoint & { readonly protocol: 'vnc' }>;
}

interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

async function listen(name: string, look: () => Promise<Uint8Array>): Promise<Listener> {
  const viewers = new Set<Socket>();
  const server: Server = createServer((socket) => {
    viewers.add(socket);
    socket.on('close', () => viewers.delete(socket));
    serveViewer(socket, name, look);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is an object: https://nodejs.org/api/net.html#serveraddress
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      for (const viewer of viewers) viewer.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Makes the place where a session's listeners are kept; they end with the machine's run or the session. */
export function createScreens(session: MemorySession): Screens {
  const listeners = new Map<MachineId, Promise<Listener>>();

  const isOn = (scene: Scene, id: MachineId): boolean =>
    ['running', 'paused'].includes(scene.state.machines[id]?.state ?? '');

  const start = async (id: MachineId, name: string): Promise<Listener> => {
    const listener = await listen(name, () => session.look((scene) => pictureOf(session.machine(scene, id))));
    const leaving = new AbortController();
    const disown = session.own(async () => {
      leaving.abort();
      await stop();
    });
    const stop = async (): Promise<void> => {
      disown();
      listeners.delete(id);
      await listener.close();
    };
    session
      .until((scene) => (isOn(scene, id) ? undefined : true), { signal: leaving.signal })
      .then(stop)
      .catch(() => undefined);
    return listener;
  };

  return {
    async open(id) {
      const name = await session.look((scene) => {
        const machine = session.machine(scene, id);
        if (!isOn(scene, id)) throw wrongState(machine, 'running');
        return machine.name;
      });
      const listening = listeners.get(id) ?? start(id, name);
      listeners.set(id, listening);
      const { port } = await listening;
      return { protocol: 'vnc', host: '127.0.0.1', port };
    },
  };
}
