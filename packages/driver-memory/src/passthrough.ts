import { DriverError, type FacetAs, type HostDeviceId } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { conflict, unmet } from './errors.js';
import { STOPPED } from './limits.js';
import type { MemorySession } from './session.js';
import { changed, isOn } from './world/detach-disk.js';
import { findHost } from './world/find.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry, WorldState } from './world/state.js';

function findDevice({ state }: Scene, id: HostDeviceId): WorldState['devices'][number] {
  const device = state.devices.find((candidate) => candidate.id === id);
  if (!device)
    throw new DriverError('REQUEST.INVALID', `Device ${id} does not exist; list the devices of the host.`, {
      subject: id,
    });
  return device;
}

function checkPluggable(session: MemorySession, machine: MachineEntry): void {
  if (machine.state === 'saved') throw unmet(`Machine ${machine.id}, which is saved,`, STOPPED);
  if (isOn(machine)) session.need('passthrough.attachRunning');
}

/** Facet `passthrough`. */
export const createPassthrough = (session: MemorySession): FacetAs<'passthrough', typeof capabilities.passthrough> => ({
  list: (host) =>
    createListing(async function* () {
      yield* await session.look((scene) => {
        findHost(scene, host);
        return scene.state.devices.filter(
          (device) => device.host === host && session.has(`passthrough.${device.kind}`),
        );
      });
    }),
  attach: (id, deviceId) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const device = findDevice(scene, deviceId);
      if (device.attachedTo === id) return;
      if (device.attachedTo !== undefined) {
        throw conflict(`Device ${deviceId} is attached to machine ${device.attachedTo}; detach it there first.`, {
          subject: deviceId,
          heldBy: device.attachedTo,
        });
      }
      session.need(`passthrough.${device.kind}`);
      if (device.host !== machine.host) {
        throw unmet(`Machine ${id}`, {
          needs: 'host-feature',
          value: device.host,
          reason: `It must be on host ${device.host}, where the device is.`,
        });
      }
      checkPluggable(session, machine);
      device.attachedTo = id;
      changed(scene, machine);
    }),
  detach: (id, deviceId) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      const device = scene.state.devices.find((candidate) => candidate.id === deviceId);
      if (device?.attachedTo !== id) return;
      checkPluggable(session, machine);
      delete device.attachedTo;
      changed(scene, machine);
    }),
});
