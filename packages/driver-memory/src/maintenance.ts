import { DriverError, type FacetAs, type HostId, type Task } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import type { MemorySession } from './session.js';
import { findHost } from './world/find.js';
import { tell } from './world/journal.js';
import { moveTo, placesFor } from './world/placement.js';
import type { Scene } from './world/scene.js';
import type { HostState, MachineEntry } from './world/state.js';

function setState(scene: Scene, host: HostState, state: HostState['state']): void {
  if (host.state === state) return;
  host.state = state;
  tell(scene, { kind: 'host-state', host: host.id, state });
}

const wrongState = ({ id, name, state }: HostState, message: string): DriverError =>
  new DriverError('HOST.WRONG_STATE', `Host "${name}" (${id}) is ${state}: ${message}`, { subject: id });

function checkInMaintenance(scene: Scene, id: HostId): HostState {
  const host = findHost(scene, id);
  if (host.state !== 'maintenance') throw wrongState(host, 'put it into maintenance first.');
  return host;
}

/** Running machines of the host; `HOST.WRONG_STATE` when they may not be moved away. */
function toMove(scene: Scene, host: HostState, evacuate: boolean): MachineEntry[] {
  const running = Object.values(scene.state.machines).filter(
    (machine) => machine.host === host.id && (machine.state === 'running' || machine.state === 'paused'),
  );
  if (running.length > 0 && !evacuate)
    throw wrongState(host, `${running.length} machines run on it; stop them, or ask to evacuate.`);
  return running;
}

/** Facet `maintenance`. A host that was powered off comes back with `leave`. */
export function createMaintenance(session: MemorySession): FacetAs<'maintenance', typeof capabilities.maintenance> {
  const work = async (check: (scene: Scene) => unknown, act: (scene: Scene) => void): Promise<Task<void>> => {
    await session.look((scene) => void check(scene));
    return session.startTask(async (report) => {
      await session.change(act);
      report({ fraction: 1 });
    });
  };

  return {
    async enter(id, { evacuate = false } = {}) {
      if (evacuate) session.need('maintenance.evacuate');
      return work(
        (scene) => toMove(scene, findHost(scene, id), evacuate),
        (scene) => {
          const host = findHost(scene, id);
          if (host.state === 'maintenance') return;
          const places = placesFor(scene, toMove(scene, host, evacuate), host);
          setState(scene, host, 'maintenance');
          for (const { machine, target } of places) moveTo(scene, machine, target);
        },
      );
    },
    leave: (id) =>
      work(
        (scene) => findHost(scene, id),
        (scene) => setState(scene, findHost(scene, id), 'ready'),
      ),
    rebootHost: (id) =>
      work(
        (scene) => checkInMaintenance(scene, id),
        (scene) => {
          const host = checkInMaintenance(scene, id);
          setState(scene, host, 'unreachable');
          host.boots += 1;
          setState(scene, host, 'maintenance');
        },
      ),
    powerOffHost: (id) =>
      work(
        (scene) => checkInMaintenance(scene, id),
        (scene) => setState(scene, checkInMaintenance(scene, id), 'unreachable'),
      ),
  };
}
